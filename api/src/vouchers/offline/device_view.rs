//! Devices on the wire.

use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    vouchers::offline::devices::device::{DeviceState, StationDevice},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDeviceDto {
    /// The scanner's own name for itself, 1 to 64 characters.
    #[schema(example = "scanner-1")]
    pub device_id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReasonDto {
    /// 2 to 100 characters.
    #[schema(example = "手机丢失")]
    pub reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StationDevice)]
pub struct DeviceDto {
    pub id: String,
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
