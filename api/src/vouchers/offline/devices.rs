//! The registry of a station's scanners. A lost one is revoked and scans no more; for one that is
//! written off settlements wait no longer.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind, values::local_time::rfc3339},
    vouchers::offline::{
        OfflineService,
        devices::device::{DeviceState, StationDevice},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDeviceDto {
    /// The scanner's own name for itself, 1 to 64 characters.
    #[schema(example = "scanner-1")]
    device_id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReasonDto {
    /// 2 to 100 characters.
    #[schema(example = "手机丢失")]
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StationDevice)]
pub struct DeviceDto {
    id: String,
    station_id: String,
    device_id: String,
    /// `active` or `revoked`.
    status: &'static str,
    enrolled_at: String,
    /// The last day for which it had a scan pack.
    packed_through: Option<String>,
    /// The first day for which settlements wait for it.
    unsynced_from: Option<String>,
    synced_through: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_reason: Option<String>,
}

impl From<StationDevice> for DeviceDto {
    fn from(device: StationDevice) -> Self {
        let (status, revoked_at, revocation_reason) = match device.state {
            DeviceState::Active => ("active", None, None),
            DeviceState::Revoked { at, reason, .. } => ("revoked", Some(rfc3339(at)), Some(reason)),
        };
        Self {
            id: device.id.to_string(),
            station_id: device.station_id.to_string(),
            device_id: device.device_id,
            status,
            enrolled_at: rfc3339(device.enrolled_at),
            packed_through: device.packed_through.map(|day| day.to_string()),
            unsynced_from: device.unsynced_from.map(|day| day.to_string()),
            synced_through: device.synced_through.map(rfc3339),
            revoked_at,
            revocation_reason,
        }
    }
}

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
