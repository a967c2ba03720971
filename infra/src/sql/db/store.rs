//! `Store` and `Tx` over two pools: one that writes and one that only reads.

use async_trait::async_trait;
use niangjia_domain::{
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
    store::{Store, StoreError, Tx},
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
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::error::store_error;
use crate::crypto::FieldCipher;

/// Opens units of work on one database.
#[derive(Debug, Clone)]
pub struct SqlStore {
    write: DatabaseConnection,
    read: DatabaseConnection,
    cipher: FieldCipher,
}

impl SqlStore {
    /// As [`connect`](super::connect) opens them: `read` is query-only; on SQLite `write` has one
    /// connection.
    pub fn new(write: DatabaseConnection, read: DatabaseConnection, cipher: FieldCipher) -> Self {
        Self {
            write,
            read,
            cipher,
        }
    }

    /// The writing pool, for migrations.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    async fn begin_writing(&self) -> Result<DatabaseTransaction, StoreError> {
        // SQLite: take the write lock now. A deferred transaction that upgrades later fails with
        // SQLITE_BUSY_SNAPSHOT.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write
            .begin_with_options(options)
            .await
            .map_err(store_error)
    }

    /// A transaction whose statements may take long.
    async fn unhurried(&self, transaction: DatabaseTransaction) -> Result<Box<dyn Tx>, StoreError> {
        if transaction.get_database_backend() == DbBackend::Postgres {
            transaction
                .execute_unprepared("SET LOCAL statement_timeout = '10min'")
                .await
                .map_err(store_error)?;
        }
        Ok(Box::new(self.within(Connection::Transaction(transaction))))
    }

    fn within(&self, connection: Connection) -> SqlTx {
        SqlTx {
            connection,
            cipher: self.cipher.clone(),
        }
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        let transaction = self.begin_writing().await?;
        Ok(Box::new(self.within(Connection::Transaction(transaction))))
    }

    async fn read(&self) -> Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(self.within(Connection::Pool(self.read.clone()))))
    }

    async fn begin_long(&self) -> Result<Box<dyn Tx>, StoreError> {
        let transaction = self.begin_writing().await?;
        self.unhurried(transaction).await
    }

    async fn read_long(&self) -> Result<Box<dyn Tx>, StoreError> {
        if self.read.get_database_backend() != DbBackend::Postgres {
            return self.read().await;
        }
        let transaction = self.read.begin().await.map_err(store_error)?;
        self.unhurried(transaction).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read
            .execute_unprepared("SELECT 1")
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

enum Connection {
    Transaction(DatabaseTransaction),
    Pool(DatabaseConnection),
}

/// One unit of work. The repositories beside this file are implemented for it.
pub struct SqlTx {
    connection: Connection,
    pub(crate) cipher: FieldCipher,
}

impl SqlTx {
    /// What statements run on.
    pub(crate) fn db(&self) -> DatabaseExecutor<'_> {
        match &self.connection {
            Connection::Transaction(transaction) => DatabaseExecutor::Transaction(transaction),
            Connection::Pool(pool) => DatabaseExecutor::Connection(pool),
        }
    }

    /// Which dialect to speak in hand-written statements.
    pub(crate) fn backend(&self) -> DbBackend {
        self.db().get_database_backend()
    }
}

macro_rules! repositories {
    ($($accessor:ident: $repository:ident),* $(,)?) => {
        #[async_trait]
        impl Tx for SqlTx {
            $(fn $accessor(&mut self) -> &mut dyn $repository { self })*

            async fn commit(self: Box<Self>) -> Result<(), StoreError> {
                match self.connection {
                    Connection::Transaction(transaction) => transaction.commit().await.map_err(store_error),
                    Connection::Pool(_) => Ok(()),
                }
            }
        }
    };
}

repositories! {
    ledger: LedgerRepository,
    accounts: AccountRepository,
    credentials: CredentialRepository,
    grants: GrantRepository,
    sessions: SessionRepository,
    invitations: InvitationRepository,
    persons: PersonRepository,
    consents: ConsentRepository,
    unions: UnionRepository,
    rosters: RosterRepository,
    memberships: MembershipRepository,
    stations: StationRepository,
    uploads: UploadRepository,
    wishes: WishRepository,
    wish_claims: WishClaimRepository,
    voucher_batches: VoucherBatchRepository,
    vouchers: VoucherRepository,
    voucher_codes: VoucherCodeRepository,
    voucher_recalls: VoucherRecallRepository,
    draws: DrawRepository,
    allotment_runs: AllotmentRunRepository,
    redemptions: RedemptionRepository,
    settlements: SettlementRepository,
    adjustments: AdjustmentRepository,
    station_devices: StationDeviceRepository,
    signals: SignalRepository,
    suspensions: SuspensionRepository,
    reconciliations: ReconciliationRepository,
    scan_packs: ScanPackRepository,
    offline_scans: OfflineScanRepository,
    disputed_scans: DisputedScanRepository,
    campaigns: CampaignRepository,
    bookings: BookingRepository,
    tasks: TaskRepository,
    offices: OfficeRepository,
    calendar: CalendarRepository,
    notices: NoticeRepository,
    imports: ImportRepository,
    outbox: Outbox,
    audit: AuditLog,
    jobs: JobRepository,
    idempotency: IdempotencyRepository,
}
