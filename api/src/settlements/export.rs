//! A frozen sheet as a file, sent as it is made.

use actix_web::{HttpResponse, get, http::header, web};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use niangjia_domain::{
    kernel::id::{SettlementId, kind},
    settlements::{SettlementError, SettlementService},
};

use crate::http::{
    extract::{Caller, IdPath},
    problem::Problem,
};

/// The lines as CSV in UTF-8, then totals and hash. A connection that is cut means: download it
/// again.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "text/csv", body = String),
        (status = 409, description = "Not frozen", content_type = "application/problem+json"),
    ), security(("bearer" = [])))]
#[get("/admin/settlements/{id}.csv")]
pub async fn export_settlement_csv(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
) -> Result<HttpResponse, Problem> {
    let export = settlements.csv(&caller.0, id.0).await?;
    let pieces = try_unfold(export, |mut export| async move {
        let chunk = export.next_chunk().await.inspect_err(note)?;
        Ok::<_, SettlementError>(chunk.map(|chunk| (Bytes::from(chunk), export)))
    });
    Ok(attachment(id.0, "csv", "text/csv; charset=utf-8").streaming(pieces))
}

/// The same as a workbook: a summary with the hash, and the lines.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)),
    responses(
        (status = 200, body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 409, description = "Not frozen, or too long", content_type = "application/problem+json"),
    ), security(("bearer" = [])))]
#[get("/admin/settlements/{id}.xlsx")]
pub async fn export_settlement_xlsx(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
) -> Result<HttpResponse, Problem> {
    let workbook = settlements.workbook(&caller.0, id.0).await?;
    let pieces = try_unfold(workbook, |mut workbook| async move {
        let chunk = workbook
            .next_chunk()
            .await
            .map_err(SettlementError::from)
            .inspect_err(note)?;
        Ok::<_, SettlementError>(chunk.map(|chunk| (Bytes::from(chunk), workbook)))
    });
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(attachment(id.0, "xlsx", kind).streaming(pieces))
}

fn attachment(id: SettlementId, extension: &str, kind: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(kind)
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.{extension}\""),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

/// The head is sent already: the client sees a cut connection, the log says why.
fn note(error: &SettlementError) {
    tracing::warn!(cause = %error, "export broke off");
}
