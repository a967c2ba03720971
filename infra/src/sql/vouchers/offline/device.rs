//! A station's device as a row.

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::id::{AccountId, StationDeviceId, StationId},
    store::StoreError,
    vouchers::offline::devices::device::{DeviceState, StationDevice},
};

use super::entity::station_device::Model;
use crate::sql::db::rows::{corrupt, parsed};

const TABLE: &str = "station_devices";

pub(crate) fn device(row: Model) -> Result<StationDevice, StoreError> {
    let id = row.id;
    let day = |text: Option<String>| {
        text.map(|text| parsed(TABLE, id, text.parse::<NaiveDate>()))
            .transpose()
    };
    let state = match (
        row.state.as_str(),
        row.revoked_at,
        row.revoked_by,
        row.revocation_reason,
    ) {
        ("active", None, None, None) => DeviceState::Active,
        ("revoked", Some(at), Some(by), Some(reason)) => DeviceState::Revoked {
            at,
            by: AccountId::from_uuid(by),
            reason,
        },
        _ => return Err(corrupt(TABLE, id)),
    };
    Ok(StationDevice {
        id: StationDeviceId::from_uuid(id),
        station_id: StationId::from_uuid(row.station_id),
        device_id: row.device_id,
        enrolled_at: row.enrolled_at,
        enrolled_by: AccountId::from_uuid(row.enrolled_by),
        state,
        packed_through: day(row.packed_through)?,
        unsynced_from: day(row.unsynced_from)?,
        synced_through: row.synced_through,
    })
}
