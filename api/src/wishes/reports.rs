//! What is wrong with a wish on the wall, told by anybody who signed in.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::{
        Answer,
        id::{WishId, WishReportId, kind},
    },
    wishes::{WishService, moderation::wish_report::WishReport},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWishReportDto {
    /// 1 to 200 characters.
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WishReportDto {
    #[schema(value_type = String)]
    id: WishReportId,
    #[schema(value_type = String)]
    wish_id: WishId,
}

impl From<WishReport> for WishReportDto {
    fn from(report: WishReport) -> Self {
        Self {
            id: report.id,
            wish_id: report.wish_id,
        }
    }
}

/// Tells the cadres that something is wrong with a public wish.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = NewWishReportDto,
    responses((status = 201, body = WishReportDto)), security(("bearer" = [])))]
#[post("/wishes/{id}/reports")]
pub async fn report_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    body: Strict<NewWishReportDto>,
) -> Result<HttpResponse, Problem> {
    let report = WishReportDto::from(wishes.report(&caller.0, id.0, &body.0.reason).await?);
    Ok(reply::created(
        format!("/api/v1/wishes/{}/reports/{}", id.0, report.id),
        Answer::fresh(report),
    ))
}
