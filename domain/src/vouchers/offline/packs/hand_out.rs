//! Scan packs for a station's devices, page by page.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::pack::{Entries, FORMAT, PackBatch, ScanPack};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor,
        id::{StationId, VoucherId},
        ports::random,
        values::local_time,
    },
    store::StoreError,
    vouchers::{
        batches::batch::Batch,
        codes::day_token::Anchor,
        device_name::checked_device,
        offline::{
            OfflineError, OfflineService, devices::device::StationDevice, ports::PackSecret,
        },
    },
};

/// Vouchers of one page: about 110 KB, and a tenth of a second of hashing.
const PAGE: u64 = 5_000;

/// A page as it goes to the device.
#[derive(Debug, Clone)]
pub struct SignedPage {
    /// The signature is over its UTF-8 bytes.
    pub document: String,
    pub signature: [u8; 64],
    /// Where the next page begins.
    pub next: Option<VoucherId>,
}

impl OfflineService {
    /// A page of the device's pack for today. From the first page on, settlements wait for the
    /// device.
    pub async fn scan_pack(
        &self,
        actor: &Actor,
        station: StationId,
        device_id: &str,
        after: Option<VoucherId>,
    ) -> Result<SignedPage, OfflineError> {
        if !actor.require_staff()?.contains(&station) {
            return Err(AccessError::NotFound.into());
        }
        let device_id = checked_device("deviceId", device_id)?;
        let now = self.foundation.now();
        let day = local_time::date_of(now);
        let device = self
            .open_day(actor, station, &device_id, (day, now, after.is_none()))
            .await?;
        let until = local_time::start_of(day + TimeDelta::days(1));
        let mut tx = self.foundation.read().await?;
        let mut batches = tx.scan_packs().usable(now, until).await?;
        batches.retain(|batch| batch.rules.station_ids.contains(&station));
        let ids: Vec<_> = batches.iter().map(|batch| batch.id).collect();
        let (secrets, next) = tx.scan_packs().secrets_of(&ids, after, PAGE).await?;
        drop(tx);
        let document = self.document(&device, &batches, &secrets, now)?;
        Ok(SignedPage {
            signature: self.signer.sign(document.as_bytes()),
            document,
            next,
        })
    }

    /// The key that devices check signatures with.
    pub fn pack_key(&self) -> [u8; 32] {
        self.signer.public_key()
    }

    async fn open_day(
        &self,
        actor: &Actor,
        station: StationId,
        device_id: &str,
        (day, now, is_first): (NaiveDate, DateTime<Utc>, bool),
    ) -> Result<StationDevice, OfflineError> {
        let mut tx = self.foundation.begin().await?;
        let place = tx
            .stations()
            .find(station)
            .await?
            .ok_or(AccessError::NotFound)?;
        let device = tx
            .station_devices()
            .find_named(station, device_id)
            .await?
            .ok_or(OfflineError::DeviceUnknown)?;
        if !tx
            .station_devices()
            .open_day(device.id, day, self.policy.caps, now)
            .await?
        {
            return Err(OfflineError::DeviceRevoked);
        }
        if is_first {
            let deed = Deed::new("scan_pack.handed_out", device.id).within(place.district);
            tx.audit()
                .append(
                    deed.with(json!({ "day": day }))
                        .by(actor, now, self.foundation.random()),
                )
                .await?;
        }
        tx.commit().await?;
        Ok(device)
    }

    fn document(
        &self,
        device: &StationDevice,
        batches: &[Batch],
        secrets: &[PackSecret],
        now: DateTime<Utc>,
    ) -> Result<String, StoreError> {
        let day = local_time::date_of(now);
        let salt: [u8; 16] = random::bytes(self.foundation.random());
        let entry = |it: &PackSecret| {
            Anchor::of(&it.secret, it.voucher_id, it.device_no, day).entry(
                &salt,
                it.voucher_id,
                it.device_no,
            )
        };
        let page = |batch: &Batch| {
            let own = secrets.iter().filter(|secret| secret.batch_id == batch.id);
            PackBatch::new(batch, Entries::new(own.map(entry).collect()))
        };
        let pack = ScanPack {
            format: FORMAT.to_owned(),
            station_id: device.station_id,
            device_id: device.device_id.clone(),
            day,
            issued_at: local_time::on_the_wall(now),
            expires_at: local_time::on_the_wall(local_time::start_of(day + TimeDelta::days(1))),
            salt: URL_SAFE_NO_PAD.encode(salt),
            caps: self.policy.caps.into(),
            batches: batches
                .iter()
                .map(page)
                .filter(|batch| !batch.entries.is_empty())
                .collect(),
        };
        serde_json::to_string(&pack).map_err(|error| StoreError::Failed(Box::new(error)))
    }
}
