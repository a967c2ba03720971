//! A donor's claims: the first one wins the wish; dispatching the goods, or giving the claim up.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{
        id::{StationId, WishClaimId, WishId, kind},
        values::local_time::rfc3339,
    },
    wishes::{
        ClaimForm, ClaimReceipt, ClaimStep, WishService,
        claims::wish_claim::{ClaimState, ClaimStatus, Parcel},
        wall::views::{OwnClaim, StationCard},
        wish::status::WishStatus,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{thanks::ThanksDto, wall::WishDto};
use crate::http::{
    extract::{Caller, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewClaimDto {
    anonymous: Option<bool>,
    /// Shown to the worker, at most 20 characters.
    display_name: Option<String>,
}

impl From<NewClaimDto> for ClaimForm {
    fn from(dto: NewClaimDto) -> Self {
        Self {
            anonymous: dto.anonymous.unwrap_or_default(),
            display_name: dto.display_name,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DispatchDto {
    carrier: Option<String>,
    tracking_no: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationDto {
    reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimReceiptDto {
    #[schema(value_type = String)]
    id: WishClaimId,
    #[schema(value_type = String)]
    wish_id: WishId,
    #[schema(value_type = String)]
    status: ClaimStatus,
    lapses_at: String,
    station: DeliveryStationDto,
}

impl From<ClaimReceipt> for ClaimReceiptDto {
    fn from(receipt: ClaimReceipt) -> Self {
        Self {
            id: receipt.id,
            wish_id: receipt.wish_id,
            status: receipt.status,
            lapses_at: rfc3339(receipt.lapses_at),
            station: receipt.station.into(),
        }
    }
}

/// Where a donor sends the goods.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryStationDto {
    #[schema(value_type = String)]
    id: StationId,
    name: String,
    district: String,
    address: String,
}

impl From<StationCard> for DeliveryStationDto {
    fn from(station: StationCard) -> Self {
        Self {
            id: station.id,
            name: station.name,
            district: station.district.to_string(),
            address: station.address,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimStepDto {
    #[schema(value_type = String)]
    id: WishClaimId,
    #[schema(value_type = String)]
    wish_id: WishId,
    #[schema(value_type = String)]
    status: ClaimStatus,
    #[schema(value_type = String)]
    wish_status: WishStatus,
}

impl From<ClaimStep> for ClaimStepDto {
    fn from(step: ClaimStep) -> Self {
        Self {
            id: step.id,
            wish_id: step.wish_id,
            status: step.status,
            wish_status: step.wish_status,
        }
    }
}

/// A claim as its donor sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnClaimDto {
    #[schema(value_type = String)]
    id: WishClaimId,
    #[schema(value_type = String)]
    status: ClaimStatus,
    claimed_at: String,
    lapses_at: String,
    carrier: Option<String>,
    tracking_no: Option<String>,
    station: DeliveryStationDto,
    wish: WishDto,
    thanks: Option<ThanksDto>,
}

impl From<OwnClaim> for OwnClaimDto {
    fn from(view: OwnClaim) -> Self {
        let status = view.claim.status();
        let parcel = match view.claim.state {
            ClaimState::Dispatched { parcel, .. } => parcel,
            _ => Default::default(),
        };
        Self {
            id: view.claim.id,
            status,
            claimed_at: rfc3339(view.claim.claimed_at),
            lapses_at: rfc3339(view.claim.lapses_at),
            carrier: parcel.carrier,
            tracking_no: parcel.tracking_no,
            station: view.card.station.clone().into(),
            wish: view.card.into(),
            thanks: view.thanks.map(ThanksDto::from),
        }
    }
}

/// Claims a published wish; the first one wins.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = NewClaimDto,
    responses((status = 201, body = ClaimReceiptDto)), security(("bearer" = [])),
    extensions(("x-idempotent" = json!(true))))]
#[post("/wishes/{id}/claims")]
pub async fn claim_wish(
    wishes: web::Data<WishService>,
    id: IdPath<kind::Wish>,
    write: Idempotent<NewClaimDto>,
) -> Result<HttpResponse, Problem> {
    let form = ClaimForm::from(write.body);
    let answer = wishes
        .claim(&write.actor, &write.request, id.0, &form)
        .await?
        .map(ClaimReceiptDto::from);
    Ok(reply::created(
        format!("/api/v1/wish-claims/{}", answer.value.id),
        answer,
    ))
}

/// The caller's claims, newest first.
#[utoipa::path(tag = "wishes", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<OwnClaimDto>)), security(("bearer" = [])))]
#[get("/me/wish-claims")]
pub async fn list_my_wish_claims(
    wishes: web::Data<WishService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes.list_own_claims(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, OwnClaimDto::from)))
}

/// The goods are on their way to the station.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = DispatchDto,
    responses((status = 200, body = ClaimStepDto)), security(("bearer" = [])))]
#[post("/wish-claims/{id}/dispatch")]
pub async fn dispatch_wish_claim(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::WishClaim>,
    body: Strict<DispatchDto>,
) -> Result<HttpResponse, Problem> {
    let parcel = Parcel::parse(body.0.carrier.as_deref(), body.0.tracking_no.as_deref())?;
    Ok(reply::ok(ClaimStepDto::from(
        wishes.dispatch(&caller.0, id.0, parcel).await?,
    )))
}

/// Gives the claim up; the wish returns to the wall.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = CancellationDto,
    responses((status = 200, body = ClaimStepDto)), security(("bearer" = [])))]
#[post("/wish-claims/{id}/cancellation")]
pub async fn cancel_wish_claim(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::WishClaim>,
    body: Strict<CancellationDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(ClaimStepDto::from(
        wishes
            .cancel(&caller.0, id.0, body.0.reason.as_deref())
            .await?,
    )))
}
