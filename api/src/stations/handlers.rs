//! One handler an operation; its name is the operation id.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{
        Answer,
        id::{StationId, kind},
    },
    stations::{NewReport, NewStation, StationService},
};

use super::dto::{NewStationDto, NewStationReportDto, ReportReceiptDto, StationDto, StationQuery};
use crate::http::{
    extract::{Caller, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Stations, nearest first when `near` is given.
#[utoipa::path(tag = "stations", params(StationQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<StationDto>)))]
#[get("/stations")]
pub async fn list_stations(
    request: HttpRequest,
    stations: web::Data<StationService>,
    query: web::Query<StationQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = stations.list(&query.filter()?, page.0).await?;
    reply::cached(&request, &PageView::of(page, StationDto::from))
}

/// One station.
#[utoipa::path(tag = "stations", params(("id" = String, Path)), responses((status = 200, body = StationDto)))]
#[get("/stations/{id}")]
pub async fn get_station(
    request: HttpRequest,
    stations: web::Data<StationService>,
    id: IdPath<kind::Station>,
) -> Result<HttpResponse, Problem> {
    let view = stations.get(id.0).await?;
    reply::cached(&request, &StationDto::from(view))
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

/// Adds a station to the caller's district.
#[utoipa::path(tag = "stations", request_body = NewStationDto, responses((status = 201, body = StationDto)), security(("bearer" = [])))]
#[post("/admin/stations")]
pub async fn add_station(
    stations: web::Data<StationService>,
    caller: Caller,
    body: Strict<NewStationDto>,
) -> Result<HttpResponse, Problem> {
    let station = stations
        .add(&caller.0, NewStation::try_from(body.0)?)
        .await?;
    let view = stations.get(station.id).await?;
    Ok(reply::created(
        location(station.id),
        Answer::fresh(StationDto::from(view)),
    ))
}

/// Stations of the caller's area.
#[utoipa::path(tag = "stations", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<StationDto>)), security(("bearer" = [])))]
#[get("/admin/stations")]
pub async fn list_admin_stations(
    stations: web::Data<StationService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = stations.list_for(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, StationDto::from)))
}

fn location(id: StationId) -> String {
    format!("/api/v1/stations/{id}")
}
