//! A lost device scans no more; and settlements need not wait for ever for what it never uploaded.

use serde_json::json;

use super::{device::StationDevice, register::scope};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, id::StationDeviceId, values::text},
    store::Tx,
    vouchers::offline::{OfflineError, OfflineService, ports::DeviceScope},
};

impl OfflineService {
    /// By the station's staff, or a cadre in whose area it lies.
    pub async fn revoke(
        &self,
        actor: &Actor,
        id: StationDeviceId,
        reason: &str,
    ) -> Result<StationDevice, OfflineError> {
        let scope = scope(actor)?;
        let reason = text::line("reason", reason, 2, 100)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let device = tx
            .station_devices()
            .find_within(id, &scope)
            .await?
            .ok_or(AccessError::NotFound)?;
        let revoked = device.revoke(actor.account_id, reason.clone(), now)?;
        if !tx.station_devices().revoke(&revoked).await? {
            return Err(OfflineError::DeviceRevoked);
        }
        self.note(&mut *tx, actor, "station_device.revoked", &revoked, &reason)
            .await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Settlements go on without what the device may still hold; a later upload of it is settled
    /// later. A cadre decides.
    pub async fn write_off(
        &self,
        actor: &Actor,
        id: StationDeviceId,
        reason: &str,
    ) -> Result<StationDevice, OfflineError> {
        let scope = DeviceScope {
            stations: Vec::new(),
            area: Some(actor.require_cadre()?),
        };
        let reason = text::line("reason", reason, 2, 100)?;
        let mut tx = self.foundation.begin().await?;
        let device = tx
            .station_devices()
            .find_within(id, &scope)
            .await?
            .ok_or(AccessError::NotFound)?;
        if !tx.station_devices().write_off(id).await? {
            return Err(OfflineError::NothingOwed);
        }
        self.note(
            &mut *tx,
            actor,
            "station_device.written_off",
            &device,
            &reason,
        )
        .await?;
        tx.commit().await?;
        Ok(StationDevice {
            unsynced_from: None,
            ..device
        })
    }

    async fn note(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        action: &'static str,
        device: &StationDevice,
        reason: &str,
    ) -> Result<(), OfflineError> {
        let place = tx
            .stations()
            .find(device.station_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let deed = Deed::new(action, device.id).within(place.district);
        let deed = deed.with(
            json!({ "station": device.station_id, "device": device.device_id, "reason": reason }),
        );
        tx.audit()
            .append(deed.by(actor, self.foundation.now(), self.foundation.random()))
            .await?;
        Ok(())
    }
}
