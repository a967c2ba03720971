//! Scans of the station while it has no network.

use niangjia_domain::{
    kernel::{Actor, Clock, id::VoucherId},
    vouchers::offline::{ItemOutcome, Upload, UploadedScan, devices::device::StationDevice},
};

use super::Town;
use crate::{actors::once, people};

impl Town {
    pub async fn enrolled(&self, device: &str) -> StationDevice {
        let offline = &self.services.offline;
        let enrolled = offline.enrol(&self.staff, self.station.id, device);
        enrolled.await.unwrap()
    }

    /// A device with a pack for today.
    pub async fn packed(&self, device: &str) -> StationDevice {
        let enrolled = self.enrolled(device).await;
        let offline = &self.services.offline;
        let pack = offline.scan_pack(&self.staff, self.station.id, device, None);
        pack.await.unwrap();
        enrolled
    }

    /// A code of this moment, served by a device without a network under a new scan id.
    pub async fn served(&self, worker: &Actor, voucher: VoucherId) -> UploadedScan {
        self.offline_scan_of(self.payload(worker, voucher).await)
    }

    pub fn offline_scan_of(&self, code: String) -> UploadedScan {
        UploadedScan {
            scan_id: people::token(),
            code,
            scanned_at: self.clock.now(),
            price_fen: None,
        }
    }

    pub fn upload_of(&self, scans: &[UploadedScan]) -> Upload {
        Upload {
            station_id: self.station.id,
            device_id: "scanner-1".to_owned(),
            synced_through: None,
            scans: scans.to_vec(),
        }
    }

    /// What became of each of them, uploaded from `scanner-1`.
    pub async fn upload(&self, scans: &[UploadedScan]) -> Vec<ItemOutcome> {
        let (request, upload) = (once(&self.staff), self.upload_of(scans));
        let report = self.services.offline.upload(&self.staff, &request, upload);
        let answers = report.await.unwrap().value.scans.into_iter();
        answers.map(|answer| answer.outcome).collect()
    }
}
