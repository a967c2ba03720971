//! What is wrong with a station, told by whoever stands in front of it.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::{
        Answer,
        id::{StationReportId, kind},
    },
    stations::{NewReport, ReportKind, ReportReceipt, StationService},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{IdPath, Idempotent},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStationReportDto {
    #[schema(value_type = String, example = "found_shut")]
    kind: ReportKind,
    /// At most 200 characters.
    note: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StationReportReceipt)]
pub struct ReportReceiptDto {
    #[schema(value_type = String)]
    id: StationReportId,
}

impl From<ReportReceipt> for ReportReceiptDto {
    fn from(receipt: ReportReceipt) -> Self {
        Self { id: receipt.id }
    }
}

/// Tells the keepers what is wrong with a station.
#[utoipa::path(tag = "stations", params(("id" = String, Path)), request_body = NewStationReportDto,
    responses((status = 201, body = ReportReceiptDto)), security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/stations/{id}/reports")]
pub async fn report_station(
    stations: web::Data<StationService>,
    id: IdPath<kind::Station>,
    write: Idempotent<NewStationReportDto>,
) -> Result<HttpResponse, Problem> {
    let new = NewReport {
        station_id: id.0,
        kind: write.body.kind,
        note: write.body.note,
    };
    let answer: Answer<ReportReceiptDto> = stations
        .report(&write.actor, &write.request, new)
        .await?
        .map(ReportReceiptDto::from);
    Ok(reply::created(
        format!("/api/v1/stations/{}/reports/{}", id.0, answer.value.id),
        answer,
    ))
}
