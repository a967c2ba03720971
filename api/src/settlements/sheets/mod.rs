//! Opening and finding sheets. Periods of a station do not overlap; staff of the station read its
//! sheets too.

pub mod lines;
pub mod settlement;
pub mod steps;

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use niangjia_domain::{
    kernel::{
        Answer, Invalid,
        id::{StationId, kind},
    },
    settlements::{NewSettlement, SettlementService, SettlementStatus, ports::SettlementFilter},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Paging, Strict, chosen},
    problem::Problem,
    reply::{self, PageView},
};
use settlement::SettlementDto;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSettlementDto {
    #[schema(value_type = String)]
    station_id: StationId,
    /// The first day, in Asia/Shanghai.
    #[schema(example = "2026-06-01")]
    from: NaiveDate,
    /// The last day, included; at most 92 days in all.
    #[schema(example = "2026-06-30")]
    to: NaiveDate,
}

impl From<NewSettlementDto> for NewSettlement {
    fn from(dto: NewSettlementDto) -> Self {
        Self {
            station_id: dto.station_id,
            from: dto.from,
            to: dto.to,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct SettlementQuery {
    station_id: Option<String>,
    /// One of `open frozen confirmed approved paid closed rejected cancelled`.
    status: Option<String>,
}

impl SettlementQuery {
    fn filter(&self) -> Result<SettlementFilter, Invalid> {
        let mend = "没有这个选项，请从列表中选择";
        let (station, status) = (self.station_id.as_deref(), self.status.as_deref());
        let station = chosen("stationId", "station_unknown", mend, station, |text| {
            text.parse().ok()
        })?;
        let status = chosen(
            "status",
            "status_unknown",
            mend,
            status,
            SettlementStatus::parse,
        )?;
        Ok(SettlementFilter { station, status })
    }
}

/// Opens a sheet for a station of the caller's district. Periods of a station do not overlap.
#[utoipa::path(tag = "settlements", request_body = NewSettlementDto, responses((status = 201, body = SettlementDto)),
    security(("bearer" = [])))]
#[post("/admin/settlements")]
pub async fn open_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    body: Strict<NewSettlementDto>,
) -> Result<HttpResponse, Problem> {
    let settlement = SettlementDto::from(settlements.open(&caller.0, body.0.into()).await?);
    Ok(reply::created(
        format!("/api/v1/admin/settlements/{}", settlement.id),
        Answer::fresh(settlement),
    ))
}

/// Sheets of the caller's area, newest first.
#[utoipa::path(tag = "settlements",
    params(SettlementQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SettlementDto>)), security(("bearer" = [])))]
#[get("/admin/settlements")]
pub async fn list_settlements(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    query: web::Query<SettlementQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = settlements
        .settlements(&caller.0, query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, SettlementDto::from)))
}

/// One sheet, for readers of the area and for the station's staff.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), responses((status = 200, body = SettlementDto)),
    security(("bearer" = [])))]
#[get("/admin/settlements/{id}")]
pub async fn get_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.settlement(&caller.0, id.0).await?,
    )))
}

/// Sheets of the caller's station, newest first.
#[utoipa::path(tag = "settlements",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SettlementDto>)), security(("bearer" = [])))]
#[get("/stations/{id}/settlements")]
pub async fn list_station_settlements(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = settlements.settlements_at(&caller.0, id.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, SettlementDto::from)))
}
