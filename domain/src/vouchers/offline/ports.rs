//! What stations without a network need from outside.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    devices::device::StationDevice,
    disputes::dispute::{DisputeStatus, DisputedScan},
    policy::Caps,
    uploads::upload::ItemOutcome,
};
use crate::{
    kernel::{
        Fen, Jurisdiction, Page, PageRequest,
        id::{DisputedScanId, StationDeviceId, StationId, VoucherBatchId, VoucherId},
    },
    store::StoreError,
    vouchers::{batches::batch::Batch, codes::code::CodeSecret, scans::refusal::Refusal},
};

/// Whose devices a caller looks after.
#[derive(Debug, Clone, Default)]
pub struct DeviceScope {
    /// Where the caller works.
    pub stations: Vec<StationId>,
    /// Where the caller is a cadre.
    pub area: Option<Jurisdiction>,
}

/// What became of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    Enrolled,
    /// The station knows a device of this name, revoked or not.
    Known,
    /// The station has as many active devices as it may.
    Full,
}

#[async_trait]
pub trait StationDeviceRepository: Send {
    /// Takes the station's lowest free slot, of at most `ceiling`.
    async fn enrol(
        &mut self,
        device: &StationDevice,
        ceiling: u16,
    ) -> Result<Enrolment, StoreError>;
    async fn find(&mut self, id: StationDeviceId) -> Result<Option<StationDevice>, StoreError>;
    async fn find_named(
        &mut self,
        station: StationId,
        device_id: &str,
    ) -> Result<Option<StationDevice>, StoreError>;
    async fn find_within(
        &mut self,
        id: StationDeviceId,
        scope: &DeviceScope,
    ) -> Result<Option<StationDevice>, StoreError>;
    /// Those of (station, device) that are enrolled, and whether each is revoked; in no particular
    /// order.
    async fn known(
        &mut self,
        of: &[(StationId, String)],
    ) -> Result<Vec<((StationId, String), bool)>, StoreError>;
    /// Newest first.
    async fn list_at(
        &mut self,
        station: StationId,
        scope: &DeviceScope,
        page: PageRequest,
    ) -> Result<Page<StationDevice>, StoreError>;
    /// Writes a revoked device if it is still active, and frees its slot; `false` otherwise.
    async fn revoke(&mut self, revoked: &StationDevice) -> Result<bool, StoreError>;
    /// Notes that the device gets a pack for `day`, with what it may take on it; `false` when the
    /// device is revoked. The first pack of a day sets what it may take.
    async fn open_day(
        &mut self,
        id: StationDeviceId,
        day: NaiveDate,
        caps: Caps,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Notes that everything before `through` was uploaded; never goes back.
    async fn sync(&mut self, id: StationDeviceId, through: DateTime<Utc>)
    -> Result<(), StoreError>;
    /// Lets settlements go on without a device; `false` when they do not wait for it.
    async fn write_off(&mut self, id: StationDeviceId) -> Result<bool, StoreError>;
    /// Devices that had a scan pack for `through` or a day before, and have not reported to its
    /// end: a settlement of these days waits for them.
    async fn unsynced(
        &mut self,
        station: StationId,
        through: NaiveDate,
    ) -> Result<Vec<StationDevice>, StoreError>;
}

/// The secret of one voucher on one phone, on its way into a pack's hashes.
#[derive(Debug, Clone)]
pub struct PackSecret {
    pub batch_id: VoucherBatchId,
    pub voucher_id: VoucherId,
    pub device_no: u16,
    pub secret: CodeSecret,
}

#[async_trait]
pub trait ScanPackRepository: Send {
    /// Batches whose vouchers may be used at some instant of `[from, until)`, whatever the station.
    async fn usable(
        &mut self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Batch>, StoreError>;
    /// Secrets in force of up to `limit` unused vouchers after this one, in order of the voucher's
    /// id, and the last of these vouchers when there are more.
    async fn secrets_of(
        &mut self,
        batches: &[VoucherBatchId],
        after: Option<VoucherId>,
        limit: u64,
    ) -> Result<(Vec<PackSecret>, Option<VoucherId>), StoreError>;
}

/// First answers to uploaded scans, and what a device may still take on a day.
#[async_trait]
pub trait OfflineScanRepository: Send {
    /// Those of the ids that were never uploaded from this device; ours to answer in this
    /// transaction. Waits for a twin that is answering one of them.
    async fn reserve(
        &mut self,
        device: StationDeviceId,
        scan_ids: &[String],
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError>;
    /// First answers; ids without one are left out.
    async fn answers(
        &mut self,
        device: StationDeviceId,
        scan_ids: &[String],
    ) -> Result<Vec<(String, ItemOutcome)>, StoreError>;
    /// Stores the answers to ids reserved in this transaction.
    async fn record(
        &mut self,
        device: StationDeviceId,
        answers: &[(String, ItemOutcome)],
    ) -> Result<(), StoreError>;
    /// The days for which the device had a pack, each with the time of the first one.
    async fn days(
        &mut self,
        device: StationDeviceId,
    ) -> Result<Vec<(NaiveDate, DateTime<Utc>)>, StoreError>;
    /// Takes scans and fen from what the device may take on a day; `false` when they do not fit.
    async fn take(
        &mut self,
        device: StationDeviceId,
        day: NaiveDate,
        scans: u32,
        fen: Fen,
    ) -> Result<bool, StoreError>;
    async fn give_back(
        &mut self,
        device: StationDeviceId,
        day: NaiveDate,
        scans: u32,
        fen: Fen,
    ) -> Result<(), StoreError>;
    /// Those of the scans that were refused over the network since an instant.
    async fn refused_live(
        &mut self,
        device: &StationDevice,
        scan_ids: &[String],
        since: DateTime<Utc>,
    ) -> Result<Vec<(String, Refusal)>, StoreError>;
}

/// Which disputed scans are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DisputeFilter {
    pub status: Option<DisputeStatus>,
    pub station: Option<StationId>,
}

#[async_trait]
pub trait DisputedScanRepository: Send {
    async fn park(&mut self, disputed: &[DisputedScan]) -> Result<(), StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[DisputedScanId]) -> Result<Vec<DisputedScan>, StoreError>;
    async fn find_within(
        &mut self,
        id: DisputedScanId,
        area: &Jurisdiction,
    ) -> Result<Option<DisputedScan>, StoreError>;
    /// Newest first.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: DisputeFilter,
        page: PageRequest,
    ) -> Result<Page<DisputedScan>, StoreError>;
    /// Writes a resolved scan if it is still open; `false` otherwise.
    async fn resolve(&mut self, resolved: &DisputedScan) -> Result<bool, StoreError>;
}

/// Ed25519 with the server's key. Devices hold the public key.
pub trait PackSigner: Send + Sync {
    fn sign(&self, document: &[u8]) -> [u8; 64];
    fn public_key(&self) -> [u8; 32];
}
