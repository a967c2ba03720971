//! A station that loses its network: the canteen, and the use cases of devices, packs and uploads.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Actor, Clock, Foundation, id::VoucherId},
    vouchers::offline::{
        ItemOutcome, OfflinePolicy, OfflineService, Upload, UploadedScan,
        devices::device::StationDevice,
    },
};
use niangjia_infra::{crypto::Ed25519PackSigner, sql::SqlStore, system::SystemRandom};
use zeroize::Zeroizing;

use crate::{canteen::Canteen, database::Kind, people, wish_scene::once};

pub struct Outpost {
    pub canteen: Canteen,
    /// The first process.
    pub offline: OfflineService,
}

impl Outpost {
    /// At noon tomorrow, with at most four devices.
    pub async fn open(kind: Kind) -> Self {
        let canteen = Canteen::open(kind).await;
        let offline = service(&canteen, canteen.scene.store.clone());
        Self { canteen, offline }
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> OfflineService {
        service(
            &self.canteen,
            Arc::new(self.canteen.scene.database.store().await),
        )
    }

    pub fn staff(&self) -> &Actor {
        &self.canteen.staff
    }

    /// A device with a pack for today.
    pub async fn packed(&self, device: &str) -> StationDevice {
        let enrolled = self.enrolled(device).await;
        let station = self.canteen.scene.station.id;
        self.offline
            .scan_pack(self.staff(), station, device, None)
            .await
            .unwrap();
        enrolled
    }

    /// A code of this moment, served by a device without a network under a new scan id.
    pub async fn served(&self, worker: &Actor, voucher: VoucherId) -> UploadedScan {
        self.scan_of(self.canteen.payload(worker, voucher).await)
    }

    pub fn scan_of(&self, code: String) -> UploadedScan {
        UploadedScan {
            scan_id: people::token(),
            code,
            scanned_at: self.canteen.scene.clock.now(),
            price_fen: None,
        }
    }

    pub fn upload_of(&self, scans: &[UploadedScan]) -> Upload {
        Upload {
            station_id: self.canteen.scene.station.id,
            device_id: "scanner-1".to_owned(),
            synced_through: None,
            scans: scans.to_vec(),
        }
    }

    /// What became of each of them, uploaded from `scanner-1`.
    pub async fn upload(&self, scans: &[UploadedScan]) -> Vec<ItemOutcome> {
        let request = once(self.staff());
        let report = self
            .offline
            .upload(self.staff(), &request, self.upload_of(scans))
            .await
            .unwrap();
        report
            .value
            .scans
            .into_iter()
            .map(|answer| answer.outcome)
            .collect()
    }

    pub async fn enrolled(&self, device: &str) -> StationDevice {
        self.offline
            .enrol(self.staff(), self.canteen.scene.station.id, device)
            .await
            .unwrap()
    }
}

pub fn service(canteen: &Canteen, store: Arc<SqlStore>) -> OfflineService {
    OfflineService {
        foundation: Foundation {
            store,
            clock: canteen.scene.clock.clone(),
            random: Arc::new(SystemRandom),
        },
        signer: Arc::new(Ed25519PackSigner::new(&Zeroizing::new([9; 32])).unwrap()),
        policy: OfflinePolicy {
            devices_per_station: 4,
            ..OfflinePolicy::default()
        },
    }
}
