//! A scanner of a station: enrolled on first use, revoked when lost. What it scanned offline is
//! owed until it has synced.

use chrono::{DateTime, NaiveDate, Utc};

use crate::kernel::id::{AccountId, StationDeviceId, StationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceState {
    Active,
    /// For good: a device that is found again takes another name.
    Revoked {
        at: DateTime<Utc>,
        by: AccountId,
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationDevice {
    pub id: StationDeviceId,
    pub station_id: StationId,
    /// What the device calls itself.
    pub device_id: String,
    pub enrolled_at: DateTime<Utc>,
    pub enrolled_by: AccountId,
    pub state: DeviceState,
    /// The last day for which it had a scan pack.
    pub packed_through: Option<NaiveDate>,
    /// The first day for which it had a scan pack and has not reported to its end: settlements wait
    /// for it.
    pub unsynced_from: Option<NaiveDate>,
    /// Everything that it scanned before has been uploaded.
    pub synced_through: Option<DateTime<Utc>>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("device was revoked before")]
pub struct AlreadyRevoked;

impl StationDevice {
    pub fn enrol(
        id: StationDeviceId,
        station_id: StationId,
        device_id: String,
        by: AccountId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            station_id,
            device_id,
            enrolled_at: now,
            enrolled_by: by,
            state: DeviceState::Active,
            packed_through: None,
            unsynced_from: None,
            synced_through: None,
        }
    }

    pub fn is_revoked(&self) -> bool {
        matches!(self.state, DeviceState::Revoked { .. })
    }

    pub fn revoke(
        self,
        by: AccountId,
        reason: String,
        now: DateTime<Utc>,
    ) -> Result<Self, AlreadyRevoked> {
        match self.state {
            DeviceState::Active => Ok(Self {
                state: DeviceState::Revoked {
                    at: now,
                    by,
                    reason,
                },
                ..self
            }),
            DeviceState::Revoked { .. } => Err(AlreadyRevoked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vouchers::testing::NOW;

    #[test]
    fn a_device_is_revoked_once_and_for_good() {
        let by = AccountId::from_uuid(Default::default());
        let (id, station) = (
            StationDeviceId::from_uuid(Default::default()),
            StationId::from_uuid(Default::default()),
        );
        let device = StationDevice::enrol(id, station, "scanner-1".to_owned(), by, NOW);
        assert!(!device.is_revoked());
        let revoked = device.revoke(by, "手机丢失".to_owned(), NOW).unwrap();
        assert!(revoked.is_revoked());
        assert_eq!(
            revoked.revoke(by, "手机丢失".to_owned(), NOW),
            Err(AlreadyRevoked)
        );
    }
}
