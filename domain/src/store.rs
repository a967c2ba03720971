//! The unit of work. `Store::begin` opens a transaction; `Tx` is the table of contents of all
//! repositories; `commit` consumes it; dropping it rolls back.
//!
//! Use cases own transactions: handlers and repositories never begin or commit, nobody makes a
//! network call while a `Tx` is open, and nobody begins inside a begin. Races are decided by the
//! database: repositories offer guarded writes that report whether they took effect.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    audit::AuditLog,
    checkups::ports::{BookingRepository, CampaignRepository},
    identity::{
        accounts::ports::AccountRepository,
        sessions::ports::{CredentialRepository, SessionRepository},
        staff::ports::{GrantRepository, InvitationRepository},
    },
    imports::ports::ImportRepository,
    jobs::ports::JobRepository,
    kernel::idempotency::IdempotencyRepository,
    ledger::LedgerRepository,
    membership::ports::{
        ConsentRepository, MembershipRepository, PersonRepository, RosterRepository,
        UnionRepository,
    },
    notices::ports::NoticeRepository,
    outbox::Outbox,
    settlements::ports::{AdjustmentRepository, SettlementRepository},
    stations::ports::StationRepository,
    tasks::ports::{CalendarRepository, OfficeRepository, TaskRepository},
    uploads::ports::UploadRepository,
    vouchers::{
        allotment::ports::AllotmentRunRepository,
        collusion::ports::{SignalRepository, SuspensionRepository},
        draw::ports::DrawRepository,
        offline::{
            disputes::ports::DisputedScanRepository,
            ports::{OfflineScanRepository, ScanPackRepository, StationDeviceRepository},
        },
        ports::{
            RedemptionRepository, VoucherBatchRepository, VoucherCodeRepository, VoucherRepository,
        },
        recall::ports::VoucherRecallRepository,
        reconciliation::ports::ReconciliationRepository,
    },
    wishes::ports::{WishClaimRepository, WishRepository},
};

/// Opens units of work.
#[async_trait]
pub trait Store: Send + Sync {
    /// A read-write transaction. On SQLite it is the only writer until it ends, so keep it short.
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError>;
    /// The read path: never waits for writers and never writes; each statement sees the latest
    /// commit.
    async fn read(&self) -> Result<Box<dyn Tx>, StoreError>;
    /// As [`begin`](Self::begin), for the few statements that may take minutes: a month's sheet is
    /// frozen by one. Everywhere else a statement that takes longer than seconds is ended.
    async fn begin_long(&self) -> Result<Box<dyn Tx>, StoreError>;
    /// As [`read`](Self::read), for statements that may take minutes: books are checked by them. All
    /// of them run on one connection, which they keep until this is dropped.
    async fn read_long(&self) -> Result<Box<dyn Tx>, StoreError>;
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// One unit of work over all repositories.
#[async_trait]
pub trait Tx: Send {
    fn ledger(&mut self) -> &mut dyn LedgerRepository;
    fn accounts(&mut self) -> &mut dyn AccountRepository;
    fn credentials(&mut self) -> &mut dyn CredentialRepository;
    fn grants(&mut self) -> &mut dyn GrantRepository;
    fn sessions(&mut self) -> &mut dyn SessionRepository;
    fn invitations(&mut self) -> &mut dyn InvitationRepository;
    fn persons(&mut self) -> &mut dyn PersonRepository;
    fn consents(&mut self) -> &mut dyn ConsentRepository;
    fn unions(&mut self) -> &mut dyn UnionRepository;
    fn rosters(&mut self) -> &mut dyn RosterRepository;
    fn memberships(&mut self) -> &mut dyn MembershipRepository;
    fn stations(&mut self) -> &mut dyn StationRepository;
    fn uploads(&mut self) -> &mut dyn UploadRepository;
    fn wishes(&mut self) -> &mut dyn WishRepository;
    fn wish_claims(&mut self) -> &mut dyn WishClaimRepository;
    fn voucher_batches(&mut self) -> &mut dyn VoucherBatchRepository;
    fn vouchers(&mut self) -> &mut dyn VoucherRepository;
    fn voucher_codes(&mut self) -> &mut dyn VoucherCodeRepository;
    fn voucher_recalls(&mut self) -> &mut dyn VoucherRecallRepository;
    fn draws(&mut self) -> &mut dyn DrawRepository;
    fn allotment_runs(&mut self) -> &mut dyn AllotmentRunRepository;
    fn redemptions(&mut self) -> &mut dyn RedemptionRepository;
    fn settlements(&mut self) -> &mut dyn SettlementRepository;
    fn adjustments(&mut self) -> &mut dyn AdjustmentRepository;
    fn station_devices(&mut self) -> &mut dyn StationDeviceRepository;
    fn signals(&mut self) -> &mut dyn SignalRepository;
    fn suspensions(&mut self) -> &mut dyn SuspensionRepository;
    fn reconciliations(&mut self) -> &mut dyn ReconciliationRepository;
    fn scan_packs(&mut self) -> &mut dyn ScanPackRepository;
    fn offline_scans(&mut self) -> &mut dyn OfflineScanRepository;
    fn disputed_scans(&mut self) -> &mut dyn DisputedScanRepository;
    fn campaigns(&mut self) -> &mut dyn CampaignRepository;
    fn bookings(&mut self) -> &mut dyn BookingRepository;
    fn tasks(&mut self) -> &mut dyn TaskRepository;
    fn offices(&mut self) -> &mut dyn OfficeRepository;
    fn calendar(&mut self) -> &mut dyn CalendarRepository;
    fn notices(&mut self) -> &mut dyn NoticeRepository;
    fn imports(&mut self) -> &mut dyn ImportRepository;
    fn outbox(&mut self) -> &mut dyn Outbox;
    fn audit(&mut self) -> &mut dyn AuditLog;
    fn jobs(&mut self) -> &mut dyn JobRepository;
    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository;

    /// Makes everything durable. An acknowledged commit survives power loss.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// What can go wrong below the rules. Repositories translate expected conflicts into their own
/// answers; what is left is for the operator, except `Unavailable`, which asks the caller to come
/// back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A constraint refused the write and no rule claimed it.
    #[error("constraint refused the write: {constraint}")]
    Conflict { constraint: String },
    /// The database is down, full, or too busy for now.
    #[error("database unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Somebody holds a row that this needs, for longer than we wait. Nothing was done, and nothing
    /// else is wrong with the database. `row` is the id of the row, where it is known.
    #[error("a row is locked elsewhere")]
    Locked {
        row: Option<Uuid>,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row that makes no sense.
    #[error("row makes no sense: {table} {id}")]
    Corrupt { table: &'static str, id: String },
    /// A statement that the database refuses: a defect of ours.
    #[error("statement failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Names the row that was waited for, if this is a lock that was not given.
    pub fn at(self, row: Uuid) -> Self {
        match self {
            Self::Locked { cause, .. } => Self::Locked {
                row: Some(row),
                cause,
            },
            other => other,
        }
    }
}
