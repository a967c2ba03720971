//! A session holds the counter row of one batch: its claims and scans are asked to come back,
//! those of other batches are served meanwhile. PostgreSQL only: SQLite has one writer.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{IdempotentRequest, Turned, id::VoucherBatchId},
    store::StoreError,
    vouchers::{ScanAnswer, ScanRequest, VoucherError, VoucherServices},
};
use niangjia_infra::sql::Patience;
use niangjia_tests::{
    actors::once,
    client::fresh_key,
    demo_town::DemoTown,
    servers::{database::Kind, process::PASSWORD, two_processes::TwoProcesses},
    town::{ScanExt, Town, bearer},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait};
use serde_json::json;
use tokio::time::timeout;

const MEMBERS: usize = 6;
/// Enough for a group that waits once for a lock, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// Two batches with members, and the first process of the town.
struct Hall {
    town: Town,
    locked: VoucherBatchId,
    free: VoucherBatchId,
}

/// What became of members of the locked batch, and of the free one.
struct Told<T> {
    locked: Vec<Result<T, VoucherError>>,
    free: Vec<Result<T, VoucherError>>,
}

impl<T: std::fmt::Debug> Told<T> {
    fn assert_only_the_locked_come_back(&self) {
        assert!(self.free.iter().all(Result::is_ok), "{:?}", self.free);
        assert!(self.locked.iter().all(is_locked), "{:?}", self.locked);
    }
}

fn is_locked<T>(told: &Result<T, VoucherError>) -> bool {
    matches!(
        told,
        Err(VoucherError::Store(StoreError::Locked { .. })
            | VoucherError::Turned(Turned::Store(StoreError::Locked { .. })))
    )
}

/// A scan that can be sent again as it was.
type Scan = (IdempotentRequest, ScanRequest);

impl Hall {
    /// Groups take counters in the order of the batches' ids: it is met first or last.
    async fn open(locked_first: bool) -> Self {
        let town = Town::at_noon(Kind::Postgres).await;
        let one = town.running(town.new_batch()).await;
        town.clock.advance(TimeDelta::milliseconds(5));
        let two = town.running(town.new_batch()).await;
        let (locked, free) = if locked_first { (one, two) } else { (two, one) };
        Self { town, locked, free }
    }

    /// Holds the counter of the locked batch until it is dropped.
    async fn lock(&self) -> DatabaseTransaction {
        let store = self.town.database.store().await;
        hold_counter(store.writer(), self.locked).await
    }

    /// New members claim both batches, all at once.
    async fn claims(&self, process: &VoucherServices) -> Told<()> {
        let mut told = Vec::new();
        let mut callers = Vec::new();
        for n in 0..2 * MEMBERS {
            let batch = [self.locked, self.free][n % 2];
            let worker = self.town.worker().await;
            callers.push(async move {
                let claimed = process
                    .claims
                    .claim(bearer(&worker), once(&worker), batch)
                    .await;
                claimed.map(drop)
            });
        }
        told.extend(join_all(callers).await);
        Told::of(told)
    }

    async fn scans(&self) -> Vec<Scan> {
        let mut scans = Vec::new();
        for n in 0..2 * MEMBERS {
            let batch = [self.locked, self.free][n % 2];
            let (worker, voucher) = self.town.holder(batch).await;
            let code = self.town.payload(&worker, voucher).await;
            scans.push((once(&self.town.staff), self.town.scan_of(code)));
        }
        scans
    }

    async fn scan(&self, process: &VoucherServices, scans: &[Scan]) -> Told<ScanAnswer> {
        let staff = bearer(&self.town.staff);
        let scan = |(id, scan): &Scan| {
            process
                .scans
                .redeem(staff.clone(), id.clone(), scan.clone())
        };
        let told = join_all(scans.iter().map(scan)).await;
        Told::of(told.into_iter().map(|told| told.map(|answer| answer.value)))
    }
}

impl<T> Told<T> {
    fn of(all: impl IntoIterator<Item = Result<T, VoucherError>>) -> Self {
        let (mut locked, mut free) = (Vec::new(), Vec::new());
        for (n, one) in all.into_iter().enumerate() {
            if n % 2 == 0 { &mut locked } else { &mut free }.push(one);
        }
        Self { locked, free }
    }
}

async fn hold_counter(
    database: &sea_orm::DatabaseConnection,
    batch: VoucherBatchId,
) -> DatabaseTransaction {
    let session = database.begin().await.unwrap();
    let held = Statement::from_sql_and_values(
        session.get_database_backend(),
        "UPDATE ledger_budgets SET open = open WHERE budget_id = $1",
        [batch.uuid().into()],
    );
    assert_eq!(session.execute_raw(held).await.unwrap().rows_affected(), 1);
    session
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn claims_of_other_batches_go_on(#[values(true, false)] locked_first: bool) {
    let hall = Hall::open(locked_first).await;
    let process = &hall.town.services.vouchers;
    let lock = hall.lock().await;
    // The first group meets the lock; the second knows of it; the third asks whether it is gone.
    for known in [false, true, true] {
        let asked = Instant::now();
        let told = timeout(SOON, hall.claims(process))
            .await
            .expect("an answer");
        told.assert_only_the_locked_come_back();
        assert!(
            !known || asked.elapsed() < Patience::default().lock,
            "a lock that is known was waited for: {:?}",
            asked.elapsed()
        );
        if known {
            hall.town.clock.advance(TimeDelta::seconds(1));
        }
    }
    lock.rollback().await.unwrap();
    hall.town.clock.advance(TimeDelta::seconds(1));
    let told = hall.claims(process).await;
    assert!(told.locked.iter().chain(&told.free).all(Result::is_ok));
    let of = |tally: i64| usize::try_from(tally).unwrap();
    assert_eq!(of(hall.town.balanced(hall.locked).await.issued), MEMBERS);
    assert_eq!(of(hall.town.balanced(hall.free).await.issued), 4 * MEMBERS);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn scans_of_other_batches_go_on(#[values(true, false)] locked_first: bool) {
    let hall = Hall::open(locked_first).await;
    let process = &hall.town.services.vouchers;
    let scans = hall.scans().await;
    let lock = hall.lock().await;
    for known in [false, true] {
        let asked = Instant::now();
        let told = timeout(SOON, hall.scan(process, &scans)).await;
        told.expect("an answer").assert_only_the_locked_come_back();
        assert!(!known || asked.elapsed() < Patience::default().lock);
    }
    lock.rollback().await.unwrap();
    hall.town.clock.advance(TimeDelta::seconds(1));
    // The same scans again: who was turned away is served, who was served hears the same.
    for told in hall.scan(process, &scans).await.locked {
        told.unwrap().accepted();
    }
    for batch in [hall.locked, hall.free] {
        let tally = hall.town.balanced(batch).await;
        assert_eq!(usize::try_from(tally.redeemed).unwrap(), MEMBERS);
    }
}

/// Control: with endless patience everybody waits for the one batch, as long as it is held.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_a_lock_timeout_everybody_waits() {
    let hall = Hall::open(true).await;
    let endless = Patience {
        lock: Duration::ZERO,
        ..Patience::default()
    };
    let store = hall.town.database.store_with(endless).await;
    let process = hall.town.process_on(store).vouchers;
    let lock = hall.lock().await;
    let claims = hall.claims(&process);
    tokio::pin!(claims);
    let early = timeout(2 * Patience::default().lock, &mut claims).await;
    assert!(early.is_err(), "somebody was answered");
    lock.rollback().await.unwrap();
    let told = claims.await;
    assert!(told.locked.iter().chain(&told.free).all(Result::is_ok));
}

/// What a phone sees.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_told_when_to_come_back() {
    let processes = TwoProcesses::start().await;
    let town = DemoTown::enter(&processes.one.base, PASSWORD)
        .await
        .unwrap();
    let (locked, free) = (
        town.running(town.draft()).await.unwrap(),
        town.running(town.draft()).await.unwrap(),
    );
    let members = [town.member().await.unwrap(), town.member().await.unwrap()];
    let store = processes.database.store().await;
    let lock = hold_counter(store.writer(), locked.parse().unwrap()).await;
    let path = format!("/voucher-batches/{locked}/claims");
    let key = fresh_key();
    let claim = || members[0].post_with_key(&path, json!({}), &key);
    let (refused, served) = tokio::join!(claim(), town.claim(&members[1], &free));
    assert_eq!(
        (refused.status, refused.code()),
        (503, "database_unavailable")
    );
    assert_eq!(refused.header("retry-after"), Some("2"));
    assert_eq!(served.status, 201, "{}", served.body);
    lock.rollback().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(claim().await.status, 201);
}
