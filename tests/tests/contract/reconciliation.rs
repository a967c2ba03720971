//! Books that are right, and books broken one row at a time: each break is named. Every case is a
//! control of the equation it breaks.

use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::{
    kernel::{Actor, Clock, Foundation, PageRequest, values::local_time},
    store::Store,
    vouchers::{
        ScanRequest,
        reconciliation::{Difference, ReconciliationService, ports::NightlyRun},
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    canteen::{Canteen, ScanExt, Till, new_id},
    cashier::Cashier,
    database::{Kind, TestDatabase},
    wish_scene::Scene,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

fn service(scene: &Scene, store: Arc<SqlStore>) -> ReconciliationService {
    ReconciliationService {
        foundation: Foundation {
            store,
            clock: scene.clock.clone(),
            random: Arc::new(SystemRandom),
        },
    }
}

async fn found(canteen: &Canteen) -> Vec<Difference> {
    let report = service(&canteen.scene, canteen.scene.store.clone())
        .check()
        .await
        .unwrap();
    assert_eq!(report.found, report.differences.len() as u64);
    report.differences
}

/// A voucher that paid for a cheap meal, one unused, one given back by expiry; the books are right.
async fn lunchtime(kind: Kind) -> Canteen {
    let canteen = Canteen::open(kind).await;
    let mut brief = canteen.new_batch();
    brief.valid_to = canteen.scene.clock.now() + TimeDelta::minutes(1);
    let brief = canteen.running(brief).await;
    canteen.holder(brief).await;
    canteen.scene.clock.advance(TimeDelta::minutes(12));
    assert_eq!(canteen.vouchers.wallet.expire_unused(100).await.unwrap(), 1);
    let batch = canteen.running(canteen.new_batch()).await;
    canteen.holder(batch).await;
    let (eater, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&eater, voucher).await;
    canteen
        .scan(ScanRequest {
            price_fen: Some(1_200),
            ..canteen.scan_of(code)
        })
        .await
        .accepted();
    assert_eq!(found(&canteen).await, []);
    canteen
}

/// Takes away what would refuse the break.
async fn disarm(canteen: &Canteen, kind: Kind) {
    let checks = match kind {
        Kind::Sqlite => "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF",
        Kind::Postgres => "ALTER TABLE ledger_budgets DROP CONSTRAINT ledger_budgets_check1",
    };
    let database = canteen.scene.store.writer();
    database.execute_unprepared(checks).await.unwrap();
    database
        .execute_unprepared("DROP INDEX redemptions_live")
        .await
        .unwrap();
}

const SECOND_REDEMPTION: &str = "\
INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, scan_id, day, \
  meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) \
SELECT voucher_id, voucher_id, 2, batch_id, person_id, station_id, staff_id, device_id, scan_id, day, \
  meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state FROM redemptions";

#[rstest]
#[case::issued(
    "UPDATE ledger_budgets SET issued = issued + 1",
    "issued = live + redeemed + expired + deactivated + recalled"
)]
#[case::days(
    "UPDATE voucher_days SET issued = issued + 1",
    "issued = sum of the days"
)]
#[case::slots("DELETE FROM voucher_slots", "issued = slots of persons")]
#[case::reserved(
    "UPDATE ledger_budgets SET reserved_fen = reserved_fen + 1",
    "reserved = ledger"
)]
#[case::spent(
    "UPDATE ledger_budgets SET spent_fen = spent_fen + 1",
    "spent = ledger"
)]
#[case::amounts(
    "UPDATE redemptions SET amount_fen = amount_fen - 1, copay_fen = copay_fen + 1",
    "spent = live redemptions + adjustments"
)]
#[case::redeemed(
    "UPDATE vouchers SET state = 'redeemed' WHERE state = 'issued'",
    "redeemed = live redemptions"
)]
#[case::overdraft("UPDATE ledger_budgets SET budget_fen = 1", "overdraft = 0")]
#[case::uncounted("DELETE FROM ledger_budgets", "batches without a counter = 0")]
#[case::states(
    "UPDATE vouchers SET state = CASE state WHEN 'redeemed' THEN 'issued' ELSE 'redeemed' END \
     WHERE state IN ('issued', 'redeemed')",
    "vouchers whose ledger contradicts their state = 0"
)]
#[case::released_again(
    "INSERT INTO ledger_postings SELECT subject_id, 'release', 7, budget_id, -1500, 0, at FROM ledger_postings \
     WHERE kind = 'release'",
    "vouchers whose ledger contradicts their state = 0"
)]
#[case::slotless(
    "DELETE FROM voucher_slots",
    "vouchers without their person's slot = 0"
)]
#[case::greedy(
    "UPDATE voucher_slots SET n = 3",
    "slots beyond the limit per person = 0"
)]
#[case::twice(SECOND_REDEMPTION, "vouchers with two live redemptions = 0")]
#[case::mealless(
    "DELETE FROM person_meals",
    "live redemptions without their person's meal = 0"
)]
#[case::annulled(
    "UPDATE redemptions SET state = 'annulled', annulled_at = accepted_at, annulled_by = staff_id, \
     annulment_reason = 'x'",
    "meals of annulled redemptions = 0"
)]
#[case::unburnt(
    "DELETE FROM voucher_used_steps",
    "recent redemptions whose code is not used = 0"
)]
#[case::held(
    "UPDATE redemptions SET suspended = TRUE",
    "redemptions whose hold contradicts their flag = 0"
)]
#[case::settled(
    "UPDATE redemptions SET state = 'settled'",
    "settled redemptions = settlement lines"
)]
#[case::lineless(
    "UPDATE redemptions SET state = 'settled'",
    "redemptions whose settlement line contradicts their state = 0"
)]
#[case::stray(
    "UPDATE person_meals SET redemption_id = person_id",
    "meals without any redemption = 0"
)]
#[tokio::test]
async fn every_break_is_named(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] broken_by: &str,
    #[case] equation: &str,
) {
    let canteen = lunchtime(kind).await;
    disarm(&canteen, kind).await;
    canteen.scene.execute(broken_by, []).await;
    let differences = found(&canteen).await;
    let named = differences.iter().find(|one| one.equation == equation);
    let named = named.unwrap_or_else(|| panic!("{equation} is not among {differences:?}"));
    assert_ne!(named.left, named.right);
    assert_eq!(
        named.batch_id.is_none(),
        equation.starts_with("meals without")
    );
    assert_eq!(
        named.example.is_some(),
        equation.ends_with("= 0") && !equation.starts_with("overdraft") && named.batch_id.is_some()
    );
}

/// What the books say about a frozen sheet, whole and broken.
#[rstest]
#[case::whole("SELECT 1", &[])]
#[case::line("UPDATE settlement_lines SET amount_fen = amount_fen - 1", &[
    "settled redemptions = settlement lines",
    "redemptions whose settlement line contradicts their state = 0",
    "settlements whose totals contradict their lines = 0",
])]
#[case::lost("DELETE FROM settlement_lines", &[
    "settled redemptions = settlement lines",
    "redemptions whose settlement line contradicts their state = 0",
    "settlements whose totals contradict their lines = 0",
])]
#[case::freed("UPDATE redemptions SET state = 'accepted'", &[
    "settled redemptions = settlement lines",
    "redemptions whose settlement line contradicts their state = 0",
])]
#[tokio::test]
async fn settlements_are_part_of_the_books(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] broken_by: &str,
    #[case] named: &[&str],
) {
    let cashier = Cashier::open(kind).await;
    cashier.eaten(1_200).await;
    cashier.sleep();
    cashier.frozen().await;
    cashier.execute(broken_by).await;
    let differences = found(&cashier.canteen).await;
    let equations: Vec<_> = differences
        .iter()
        .map(|one| one.equation.as_str())
        .collect();
    assert_eq!(equations, named);
}

#[rstest]
#[tokio::test]
async fn pages_meet_without_a_gap(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let till = Till::new(canteen.scene.database.store().await).await;
    let mut batches = Vec::new();
    for _ in 0..101 {
        batches.push(till.running(|_| {}).await.id);
    }
    batches.sort_unstable();
    // The edges of pages of fifty.
    for edge in [0, 49, 50, 99, 100] {
        let sql = "UPDATE ledger_budgets SET reserved_fen = 7 WHERE budget_id = $1";
        canteen
            .scene
            .execute(sql, [batches[edge].uuid().into()])
            .await;
    }
    canteen
        .scene
        .execute(
            "DELETE FROM ledger_budgets WHERE budget_id = $1",
            [batches[98].uuid().into()],
        )
        .await;
    let report = service(&canteen.scene, canteen.scene.store.clone())
        .check()
        .await
        .unwrap();
    assert_eq!(report.totals.batches, 100);
    let mut broken: Vec<_> = report
        .differences
        .iter()
        .filter_map(|one| one.batch_id)
        .collect();
    broken.sort_unstable();
    assert_eq!(broken, [0, 49, 50, 98, 99, 100].map(|edge| batches[edge]));
}

/// Four in the morning of the next day.
fn night(scene: &Scene) {
    let tomorrow = local_time::date_of(scene.clock.now()) + TimeDelta::days(1);
    scene.clock.set(local_time::instant_of(
        tomorrow,
        NaiveTime::from_hms_opt(4, 0, 0).unwrap(),
    ));
}

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

#[rstest]
#[tokio::test]
async fn a_night_is_looked_at_once_and_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = lunchtime(kind).await;
    let reconciliations = service(&canteen.scene, canteen.scene.store.clone());
    canteen
        .scene
        .execute(
            "UPDATE ledger_budgets SET reserved_fen = reserved_fen + 1",
            [],
        )
        .await;
    night(&canteen.scene);
    canteen.scene.clock.advance(TimeDelta::minutes(-31));
    assert!(
        reconciliations.nightly().await.unwrap().is_none(),
        "too early"
    );
    canteen.scene.clock.advance(TimeDelta::minutes(31));
    let report = reconciliations.nightly().await.unwrap().unwrap();
    assert_eq!((report.found, report.totals.batches), (2, 2));
    assert!(
        reconciliations.nightly().await.unwrap().is_none(),
        "once a night"
    );
    night(&canteen.scene);
    assert!(
        reconciliations.nightly().await.unwrap().is_some(),
        "and every night"
    );

    let runs = async |actor: &Actor| reconciliations.runs(actor, FIRST).await.unwrap().items;
    let own = runs(&canteen.checker).await;
    assert_eq!(own.len(), 2);
    assert_eq!(
        (own[1].differences.as_slice(), own[1].batches),
        (report.differences.as_slice(), 2)
    );
    assert!(own[0].day > own[1].day && own[0].finished_at.is_some());
    let elsewhere = runs(&canteen.scene.cadre("370812")).await;
    assert!(
        elsewhere.len() == 2 && elsewhere.iter().all(|run| run.differences.is_empty()),
        "{elsewhere:?}"
    );
    assert!(reconciliations.runs(&canteen.staff, FIRST).await.is_err());
    let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'reconciliation.finished'";
    assert_eq!(canteen.scene.count(audited).await, 2);
}

#[rstest]
#[tokio::test]
async fn a_run_whose_process_died_is_taken_over(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let reconciliations = service(&canteen.scene, canteen.scene.store.clone());
    night(&canteen.scene);
    let now = canteen.scene.clock.now();
    let died = NightlyRun {
        id: new_id(),
        day: local_time::date_of(now),
        started_at: now,
    };
    let mut tx = canteen.scene.store.begin().await.unwrap();
    assert_eq!(
        tx.reconciliations()
            .start(&died, now - TimeDelta::hours(2))
            .await
            .unwrap(),
        Some(died.id)
    );
    tx.commit().await.unwrap();
    assert!(
        reconciliations.nightly().await.unwrap().is_none(),
        "it may still be at it"
    );
    canteen
        .scene
        .clock
        .advance(TimeDelta::hours(2) + TimeDelta::seconds(1));
    let report = reconciliations.nightly().await.unwrap().unwrap();
    let mut tx = canteen.scene.store.begin().await.unwrap();
    assert!(
        !tx.reconciliations()
            .finish(&died, &report, now)
            .await
            .unwrap(),
        "too late for the first"
    );
    drop(tx);
    assert_eq!(
        reconciliations
            .runs(&canteen.checker, FIRST)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_one_looks(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    night(&canteen.scene);
    let other = Arc::new(canteen.scene.database.store().await);
    let looks: Vec<_> = (0..12)
        .map(|n| {
            let store = if n % 2 == 0 {
                canteen.scene.store.clone()
            } else {
                other.clone()
            };
            let service = service(&canteen.scene, store);
            tokio::spawn(async move { service.nightly().await.unwrap().is_some() })
        })
        .collect();
    let mut looked = 0;
    for look in looks {
        looked += usize::from(look.await.unwrap());
    }
    assert_eq!(looked, 1);
}

#[rstest]
#[tokio::test]
async fn control_the_unique_day_is_what_keeps_the_second_out(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let again = "INSERT INTO reconciliations (id, day, started_at) VALUES ($1, '2026-06-01', $2)";
    let insert = async || {
        let values = [
            new_id::<niangjia_domain::kernel::id::kind::Reconciliation>()
                .uuid()
                .into(),
        ];
        let values = values
            .into_iter()
            .chain([niangjia_infra::system::SystemClock.now().into()]);
        let backend = store.writer().get_database_backend();
        store
            .writer()
            .execute_raw(sea_orm::Statement::from_sql_and_values(
                backend, again, values,
            ))
            .await
    };
    insert().await.unwrap();
    insert().await.unwrap_err();
    store
        .writer()
        .execute_unprepared("DROP INDEX reconciliations_day")
        .await
        .unwrap();
    insert().await.unwrap();
}
