//! More claims, or scans, than may wait for the database: who comes too many is told so at once,
//! nothing is written for them, and the same key serves them later.

use futures_util::{StreamExt, stream::FuturesUnordered};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::{sql::SqlStore, system::SystemClock};
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    demo_town::DemoTown,
    servers::{
        database::{Kind, TestDatabase},
        process::{PASSWORD, Process},
        standstill::Standstill,
        throwaway::fresh_folder,
    },
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const CALLERS: usize = 8;
/// What one claim writes, and what one scan does, in the order of [`Hall::written`].
const OF_A_CLAIM: [i64; 7] = [1, 1, 1, 1, 0, 0, 0];
const OF_A_SCAN: [i64; 7] = [1, 1, 0, 0, 1, 1, 0];

/// A process in which one claim may wait, and one scan.
struct Hall {
    town: DemoTown,
    batch: String,
    store: SqlStore,
    _process: Process,
    _database: TestDatabase,
}

/// A request that can be sent again as it was.
struct Call {
    caller: Client,
    path: String,
    body: Value,
    key: String,
}

impl Call {
    async fn send(&self) -> Reply {
        self.caller
            .post_with_key(&self.path, self.body.clone(), &self.key)
            .await
    }
}

impl Hall {
    async fn open(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let settings = [
            ("NIANGJIA_DATABASE_URL", database.url.clone()),
            ("NIANGJIA_LIMITS_QUEUE", "1".to_owned()),
            ("NIANGJIA_DATABASE_LOCK_TIMEOUT_MS", "9000".to_owned()),
        ];
        let start = move || Process::start(&fresh_folder("hall"), &settings);
        let process = tokio::task::spawn_blocking(start).await.unwrap();
        let town = DemoTown::enter(&process.base, PASSWORD).await.unwrap();
        let batch = town.running(town.draft()).await.unwrap();
        Self {
            town,
            batch,
            store: database.store().await,
            _process: process,
            _database: database,
        }
    }

    async fn claim(&self) -> Call {
        let path = format!("/voucher-batches/{}/claims", self.batch);
        Call {
            caller: self.town.provisional_member().await.unwrap().0,
            path,
            body: json!({}),
            key: fresh_key(),
        }
    }

    async fn scan(&self) -> Call {
        let (worker, voucher) = self.town.holder(&self.batch).await.unwrap();
        let mut body = self.town.scan_of(
            self.town
                .code(&worker, &voucher)
                .await
                .unwrap()
                .text("payload")
                .unwrap(),
        );
        // Sent again later, it is still of this moment.
        body["scannedAt"] = json!(local_time::rfc3339(SystemClock.now()));
        Call {
            caller: self.town.staff.clone(),
            path: "/redemptions".to_owned(),
            body,
            key: fresh_key(),
        }
    }

    /// Sends all while nothing can be written, lets go, and returns the answers in the calls'
    /// order.
    async fn crowd(&self, calls: &[Call]) -> Vec<Reply> {
        let standstill = Standstill::of(&self.store).await;
        let ask = |(n, call): (usize, _)| async move { (n, Call::send(call).await) };
        let mut asked: FuturesUnordered<_> = calls.iter().enumerate().map(ask).collect();
        let mut told = Vec::new();
        // One is under way and one waits; everybody else hears at once.
        while told.len() < calls.len() - 2 {
            told.push(asked.next().await.unwrap());
        }
        assert!(
            told.iter().all(|(_, reply)| reply.status == 503),
            "{told:?}"
        );
        standstill.end().await;
        told.extend(asked.collect::<Vec<_>>().await);
        told.sort_by_key(|(n, _)| *n);
        told.into_iter().map(|(_, reply)| reply).collect()
    }

    /// First answers and audit entries of claims and scans, then vouchers, numbered slots,
    /// redemptions, used codes, refusals on record.
    async fn written(&self) -> [i64; 7] {
        let mut counts = [0; 7];
        let tables = [
            "idempotency_keys",
            "audit_entries WHERE action IN ('voucher.issued', 'voucher.redeemed')",
            "vouchers",
            "voucher_slots",
            "redemptions",
            "voucher_used_steps",
            "refused_scans",
        ];
        for (count, rows) in counts.iter_mut().zip(tables) {
            let database = self.store.writer();
            let sql = format!("SELECT COUNT(*) AS many FROM {rows}");
            let row = database
                .query_one_raw(Statement::from_string(database.get_database_backend(), sql))
                .await;
            *count = row.unwrap().unwrap().try_get("", "many").unwrap();
        }
        counts
    }

    /// The whole story of a crowd, each of whom writes `of_one`; returns what everybody was told in
    /// the end.
    async fn crowded(&self, calls: &[Call], of_one: [i64; 7]) -> Vec<Reply> {
        let before = self.written().await;
        let written = |many: usize, now: [i64; 7]| {
            let expected: Vec<_> = before
                .iter()
                .zip(of_one)
                .map(|(before, one)| before + one * many as i64)
                .collect();
            assert_eq!(now.to_vec(), expected, "of {many}");
        };
        let told = self.crowd(calls).await;
        let served = told.iter().filter(|reply| reply.status == 201).count();
        assert!((1..=2).contains(&served), "{told:?}");
        written(served, self.written().await);
        let mut later = Vec::new();
        for (call, first) in calls.iter().zip(told) {
            let second = call.send().await.expect_status(201).unwrap();
            if first.status == 201 {
                assert_eq!(
                    (second.header("idempotency-replayed"), &second.body),
                    (Some("true"), &first.body)
                );
            } else {
                assert_eq!(first.header("retry-after"), Some("1"));
                first.expect_problem(503, "busy").unwrap();
                assert_eq!(
                    second.header("idempotency-replayed"),
                    None,
                    "the refusal was not kept as an answer"
                );
            }
            later.push(second);
        }
        written(calls.len(), self.written().await);
        later
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_too_many_is_told_to_come_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let hall = Hall::open(kind).await;
    let mut claims = Vec::new();
    for _ in 0..CALLERS {
        claims.push(hall.claim().await);
    }
    hall.crowded(&claims, OF_A_CLAIM).await;
    assert_eq!(
        hall.town.balanced(&hall.batch).await.unwrap()["issued"],
        CALLERS
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_too_many_is_told_to_come_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let hall = Hall::open(kind).await;
    let mut scans = Vec::new();
    for _ in 0..CALLERS {
        scans.push(hall.scan().await);
    }
    let accepted = hall.crowded(&scans, OF_A_SCAN).await;
    assert!(
        accepted
            .iter()
            .all(|reply| reply.body["amountFen"] == 1_500),
        "{accepted:?}"
    );
    assert_eq!(
        hall.town.balanced(&hall.batch).await.unwrap()["redeemed"],
        CALLERS
    );
}
