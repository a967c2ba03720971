//! What a group asks of the database: as many statements for a hundred as for one. Counted where
//! the driver runs them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::id::VoucherBatchId,
    vouchers::{ScanRequest, VoucherServices},
};
use niangjia_infra::sql::{DatabaseSettings, Patience, SqlStore, connect};
use niangjia_tests::{
    actors::once,
    servers::database::{Kind, test_cipher},
    town::{Town, bearer},
};
use rstest::rstest;

const MANY: usize = 100;

/// A town and a second process whose statements are counted.
struct Counted {
    town: Town,
    batch: VoucherBatchId,
    process: VoucherServices,
    statements: Arc<AtomicUsize>,
}

impl Counted {
    async fn open(kind: Kind) -> Self {
        let town = Town::at_noon(kind).await;
        let mut new = town.new_batch();
        (new.quota, new.budget_fen) = (1_000, 1_500_000);
        let batch = town.running(new).await;
        let settings = DatabaseSettings {
            url: town.database.url.clone(),
            max_connections: 4,
            patience: Patience::default(),
        };
        let (mut write, mut read) = connect(&settings).await.unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        for pool in [&mut write, &mut read] {
            let statements = statements.clone();
            pool.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::SeqCst);
            });
        }
        let process = town
            .process_on(SqlStore::new(write, read, test_cipher()))
            .vouchers;
        let counted = Self {
            town,
            batch,
            process,
            statements,
        };
        // The batch's rules are read once and stay on the shelf; a device is enrolled by its first
        // scan.
        counted.claims(1).await;
        counted
            .scans(vec![counted.scan_of_somebody_new().await])
            .await;
        counted
    }

    async fn during(&self, work: impl Future<Output = ()>) -> usize {
        let before = self.statements.load(Ordering::SeqCst);
        work.await;
        self.statements.load(Ordering::SeqCst) - before
    }

    /// Statements of a group of this many claims, all of whom get a voucher.
    async fn claims(&self, many: usize) -> usize {
        let mut claims = Vec::new();
        for _ in 0..many {
            let worker = self.town.worker().await;
            claims.push((bearer(&worker), once(&worker)));
        }
        let claim = |(bearer, request)| self.process.claims.claim(bearer, request, self.batch);
        // On the one thread of these tests all have joined the queue before the first group
        // departs.
        self.during(async {
            join_all(claims.into_iter().map(claim))
                .await
                .into_iter()
                .for_each(|it| drop(it.unwrap()))
        })
        .await
    }

    async fn scan_of_somebody_new(&self) -> ScanRequest {
        let (worker, voucher) = self.town.holder(self.batch).await;
        ScanRequest {
            price_fen: Some(1_000),
            ..self.town.scan_of(self.town.payload(&worker, voucher).await)
        }
    }

    /// Statements of a group of these scans, which are answered one way or the other.
    async fn scans(&self, scans: Vec<ScanRequest>) -> usize {
        let staff = &self.town.staff;
        let scan = |scan| self.process.scans.redeem(bearer(staff), once(staff), scan);
        self.during(async {
            join_all(scans.into_iter().map(scan))
                .await
                .into_iter()
                .for_each(|it| drop(it.unwrap()))
        })
        .await
    }
}

#[rstest]
#[tokio::test]
async fn a_hundred_claims_cost_the_statements_of_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counted = Counted::open(kind).await;
    let one = counted.claims(1).await;
    assert!(one > 0);
    assert_eq!(counted.claims(MANY).await, one);
    assert_eq!(
        counted.town.balanced(counted.batch).await.issued,
        3 + MANY as i64
    );
}

#[rstest]
#[tokio::test]
async fn a_hundred_scans_cost_the_statements_of_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counted = Counted::open(kind).await;
    let one = counted
        .scans(vec![counted.scan_of_somebody_new().await])
        .await;
    let mut scans = Vec::new();
    for _ in 0..MANY {
        scans.push(counted.scan_of_somebody_new().await);
    }
    let again = scans.clone();
    assert!(one > 0);
    assert_eq!(counted.scans(scans).await, one);
    assert_eq!(
        counted.town.balanced(counted.batch).await.redeemed,
        2 + MANY as i64
    );
    let refused = counted.scans(again[..1].to_vec()).await;
    assert_eq!(
        counted.scans(again).await,
        refused,
        "refusals do not add up either"
    );
}

/// The count is no constant: one after another they cost a hundred times as much.
#[rstest]
#[tokio::test]
async fn control_each_alone_pays_for_itself(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let counted = Counted::open(kind).await;
    let one = counted.claims(1).await;
    let mut alone = 0;
    for _ in 0..MANY {
        alone += counted.claims(1).await;
    }
    assert_eq!(alone, MANY * one);
}
