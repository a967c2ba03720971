//! The registry of a station's scanners.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind},
    vouchers::offline::OfflineService,
};

use super::device_view::{DeviceDto, DeviceReasonDto, NewDeviceDto};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Enrols a scanner of the caller's station. One that is known is answered as it is; online scans
/// enrol by themselves.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = NewDeviceDto,
    responses((status = 201, body = DeviceDto)), security(("bearer" = [])))]
#[post("/stations/{id}/devices")]
pub async fn enrol_station_device(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    body: Strict<NewDeviceDto>,
) -> Result<HttpResponse, Problem> {
    let device = DeviceDto::from(offline.enrol(&caller.0, id.0, &body.0.device_id).await?);
    Ok(reply::created(
        format!("/api/v1/stations/{}/devices", id.0),
        Answer::fresh(device),
    ))
}

/// The scanners of a station, newest first: for its staff, and for cadres of the district.
#[utoipa::path(tag = "vouchers",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<DeviceDto>)), security(("bearer" = [])))]
#[get("/stations/{id}/devices")]
pub async fn list_station_devices(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(PageView::of(
        offline.devices(&caller.0, id.0, page.0).await?,
        DeviceDto::from,
    )))
}

/// A lost scanner: it scans no more, and what it uploads later is looked at first.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = DeviceReasonDto,
    responses((status = 200, body = DeviceDto)), security(("bearer" = [])))]
#[post("/station-devices/{id}/revocation")]
pub async fn revoke_station_device(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::StationDevice>,
    body: Strict<DeviceReasonDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(DeviceDto::from(
        offline.revoke(&caller.0, id.0, &body.0.reason).await?,
    )))
}

/// Settlements no longer wait for what this scanner may still hold.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = DeviceReasonDto,
    responses((status = 200, body = DeviceDto)), security(("bearer" = [])))]
#[post("/station-devices/{id}/write-off")]
pub async fn write_off_station_device(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::StationDevice>,
    body: Strict<DeviceReasonDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(DeviceDto::from(
        offline.write_off(&caller.0, id.0, &body.0.reason).await?,
    )))
}
