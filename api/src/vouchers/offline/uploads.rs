//! What a scanner served without a network.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::vouchers::offline::OfflineService;

use super::upload_view::{UploadDto, UploadReportDto};
use crate::http::{extract::Idempotent, problem::Problem, reply};

/// Takes in offline scans of the caller's station, in any order. Each is judged as of when it was
/// made and has an answer of its own; what does not add up is parked for a cadre, never dropped.
#[utoipa::path(tag = "vouchers", request_body = UploadDto, responses((status = 200, body = UploadReportDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/redemption-uploads")]
pub async fn upload_redemptions(
    offline: web::Data<OfflineService>,
    write: Idempotent<UploadDto>,
) -> Result<HttpResponse, Problem> {
    let answer = offline
        .upload(&write.actor, &write.request, write.body.into())
        .await?;
    Ok(reply::done(answer.map(UploadReportDto::from)))
}
