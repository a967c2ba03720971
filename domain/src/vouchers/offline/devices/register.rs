//! The registry of a station's devices.

use serde_json::json;

use super::device::StationDevice;
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Page, PageRequest,
        id::{StationDeviceId, StationId},
    },
    vouchers::{
        device_name::checked_device,
        offline::{
            OfflineError, OfflineService,
            ports::{DeviceScope, Enrolment},
        },
    },
};

impl OfflineService {
    /// Enrols a device of the caller's station; a device that is known is found again.
    pub async fn enrol(
        &self,
        actor: &Actor,
        station: StationId,
        device_id: &str,
    ) -> Result<StationDevice, OfflineError> {
        if !actor.require_staff()?.contains(&station) {
            return Err(AccessError::NotFound.into());
        }
        let device_id = checked_device("deviceId", device_id)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let place = tx
            .stations()
            .find(station)
            .await?
            .ok_or(AccessError::NotFound)?;
        let id = StationDeviceId::generate(now, self.foundation.random());
        let new = StationDevice::enrol(id, station, device_id, actor.account_id, now);
        match tx
            .station_devices()
            .enrol(&new, self.policy.devices_per_station)
            .await?
        {
            Enrolment::Full => return Err(OfflineError::TooManyDevices),
            Enrolment::Known => {
                let known = tx
                    .station_devices()
                    .find_named(station, &new.device_id)
                    .await?;
                let known = known.ok_or(OfflineError::ChangedMeanwhile)?;
                return if known.is_revoked() {
                    Err(OfflineError::DeviceRevoked)
                } else {
                    Ok(known)
                };
            }
            Enrolment::Enrolled => {}
        }
        let deed = Deed::new("station_device.enrolled", id).within(place.district);
        let deed = deed.with(json!({ "station": station, "device": new.device_id }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(new)
    }

    /// Newest first; for the station's staff, and for cadres in whose area it lies.
    pub async fn devices(
        &self,
        actor: &Actor,
        station: StationId,
        page: PageRequest,
    ) -> Result<Page<StationDevice>, OfflineError> {
        let scope = scope(actor)?;
        let mut tx = self.foundation.read().await?;
        let place = tx
            .stations()
            .find(station)
            .await?
            .ok_or(AccessError::NotFound)?;
        let own = scope.stations.contains(&station);
        if !own
            && !scope
                .area
                .is_some_and(|area| area.covers_district(place.district))
        {
            return Err(AccessError::NotFound.into());
        }
        Ok(tx.station_devices().list_at(station, &scope, page).await?)
    }
}

/// Nobody's scope is empty: that is `Forbidden`.
pub(crate) fn scope(actor: &Actor) -> Result<DeviceScope, AccessError> {
    let scope = DeviceScope {
        stations: actor.stations(),
        area: actor.require_cadre().ok(),
    };
    if scope.stations.is_empty() && scope.area.is_none() {
        Err(AccessError::Forbidden)
    } else {
        Ok(scope)
    }
}
