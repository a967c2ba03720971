//! A worker's own wishes: asking, looking, giving up. Only here is a pick-up code shown, and only
//! while the parcel waits.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{
        id::{StationId, UploadId, WishId, kind},
        values::local_time::rfc3339,
    },
    wishes::{
        WishForm, WishReceipt, WishService,
        claims::wish_claim::ClaimStatus,
        wall::views::{DonorCard, OwnWish},
        wish::status::WishStatus,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{thanks::ThanksDto, wall::WishDto};
use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWishDto {
    /// 1 to 40 characters.
    #[schema(example = "想要一个保温杯")]
    title: String,
    /// 1 to 1,000 characters, without phone or ID numbers.
    story: String,
    /// 1 to 20 characters.
    #[schema(example = "daily_goods")]
    category: String,
    /// 1 to 30000.
    estimate_fen: i64,
    /// At most six, uploaded by the caller and ready.
    #[schema(value_type = Vec<String>)]
    photo_ids: Vec<UploadId>,
    #[schema(value_type = String)]
    station_id: StationId,
}

impl From<NewWishDto> for WishForm {
    fn from(dto: NewWishDto) -> Self {
        Self {
            title: dto.title,
            story: dto.story,
            category: dto.category,
            estimate_fen: dto.estimate_fen,
            photo_ids: dto.photo_ids,
            station_id: dto.station_id,
        }
    }
}

/// A wish as its worker sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnWishDto {
    #[serde(flatten)]
    wish: WishDto,
    submitted_at: String,
    review_due_at: Option<String>,
    /// Why it came back.
    reason: Option<String>,
    claim: Option<DonorDto>,
    /// Only while the parcel waits at the station.
    pickup_code: Option<String>,
    thanks: Option<ThanksDto>,
}

impl From<OwnWish> for OwnWishDto {
    fn from(view: OwnWish) -> Self {
        Self {
            wish: view.card.into(),
            submitted_at: rfc3339(view.submitted_at),
            review_due_at: view.review_due_at.map(rfc3339),
            reason: view.reason,
            claim: view.claim.map(DonorDto::from),
            pickup_code: view.pickup_code.map(|code| code.expose().to_owned()),
            thanks: view.thanks.map(ThanksDto::from),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DonorDto {
    /// `null`: an anonymous well-wisher.
    display_name: Option<String>,
    #[schema(value_type = String)]
    status: ClaimStatus,
    claimed_at: String,
    lapses_at: String,
}

impl From<DonorCard> for DonorDto {
    fn from(donor: DonorCard) -> Self {
        Self {
            display_name: donor.display_name,
            status: donor.status,
            claimed_at: rfc3339(donor.claimed_at),
            lapses_at: rfc3339(donor.lapses_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WishReceiptDto {
    #[schema(value_type = String)]
    pub id: WishId,
    #[schema(value_type = String)]
    status: WishStatus,
}

impl From<WishReceipt> for WishReceiptDto {
    fn from(receipt: WishReceipt) -> Self {
        Self {
            id: receipt.id,
            status: receipt.status,
        }
    }
}

/// Asks for a small thing.
#[utoipa::path(tag = "wishes", request_body = NewWishDto, responses((status = 201, body = WishReceiptDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/wishes")]
pub async fn submit_wish(
    wishes: web::Data<WishService>,
    write: Idempotent<NewWishDto>,
) -> Result<HttpResponse, Problem> {
    let form = WishForm::from(write.body);
    let answer = wishes
        .submit(&write.actor, &write.request, &form)
        .await?
        .map(WishReceiptDto::from);
    Ok(reply::created(
        format!("/api/v1/wishes/{}", answer.value.id),
        answer,
    ))
}

/// The caller's own wishes, newest first; the pick-up code while a parcel waits.
#[utoipa::path(tag = "wishes", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<OwnWishDto>)), security(("bearer" = [])))]
#[get("/me/wishes")]
pub async fn list_my_wishes(
    wishes: web::Data<WishService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes.list_own(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, OwnWishDto::from)))
}

/// Takes a wish back that nobody has claimed.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])))]
#[post("/wishes/{id}/withdrawal")]
pub async fn withdraw_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(WishReceiptDto::from(
        wishes.withdraw(&caller.0, id.0).await?,
    )))
}
