//! A worker's thanks for what came. Photos are shown to others only with consent.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::id::{UploadId, kind},
    wishes::{ThanksForm, WishService, wall::views::ThanksView},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    own::WishReceiptDto,
    wall::{WishPhotoDto, photos},
};
use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewThanksDto {
    /// 1 to 500 characters.
    message: String,
    #[schema(value_type = Vec<String>)]
    photo_ids: Vec<UploadId>,
    /// Photos are shown to others only with this consent.
    face_consent: Option<bool>,
}

impl From<NewThanksDto> for ThanksForm {
    fn from(dto: NewThanksDto) -> Self {
        Self {
            message: dto.message,
            photo_ids: dto.photo_ids,
            face_consent: dto.face_consent.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ThanksDto {
    /// `null` until the words have passed their check.
    message: Option<String>,
    photos: Vec<WishPhotoDto>,
}

impl From<ThanksView> for ThanksDto {
    fn from(thanks: ThanksView) -> Self {
        Self {
            message: thanks.message,
            photos: photos(thanks.photos),
        }
    }
}

/// Thanks the donor, after the handover.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = NewThanksDto,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])))]
#[post("/wishes/{id}/thanks")]
pub async fn thank_for_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    body: Strict<NewThanksDto>,
) -> Result<HttpResponse, Problem> {
    let receipt = wishes
        .thank(&caller.0, id.0, &ThanksForm::from(body.0))
        .await?;
    Ok(reply::ok(WishReceiptDto::from(receipt)))
}
