//! Every equation of the books, and a break of each.

use niangjia_tests::{
    rows::VoucherRows,
    servers::database::Kind,
    town::{SettlingTown, Town},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{found, lunchtime, service};

/// Takes away what would refuse the break.
async fn disarm(town: &Town, kind: Kind) {
    let checks = match kind {
        Kind::Sqlite => "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF",
        Kind::Postgres => "ALTER TABLE ledger_budgets DROP CONSTRAINT ledger_budgets_check1",
    };
    let database = town.store.writer();
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
#[case::voucher_state(
    "UPDATE vouchers SET state = 'lent'",
    "states and kinds outside their lists = 0"
)]
#[case::posting_kind(
    "UPDATE ledger_postings SET kind = 'lend' WHERE kind = 'spend'",
    "states and kinds outside their lists = 0"
)]
#[case::redemption_state(
    "UPDATE redemptions SET state = 'pending'",
    "states and kinds outside their lists = 0"
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
    let town = lunchtime(kind).await;
    disarm(&town, kind).await;
    town.execute(broken_by, []).await;
    let differences = found(&town).await;
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
#[case::unknown("UPDATE settlement_lines SET kind = 'gift'", &[
    "settled redemptions = settlement lines",
    "redemptions whose settlement line contradicts their state = 0",
    "states and kinds outside their lists = 0",
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
    let settling = SettlingTown::at_noon(kind).await;
    settling.redeemed(1_200).await;
    settling.next_day();
    settling.frozen().await;
    settling.town.run(broken_by).await;
    let differences = found(&settling.town).await;
    let equations: Vec<_> = differences
        .iter()
        .map(|one| one.equation.as_str())
        .collect();
    assert_eq!(equations, named);
}

#[rstest]
#[tokio::test]
async fn pages_meet_without_a_gap(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let rows = VoucherRows::new(town.database.store().await).await;
    let mut batches = Vec::new();
    for _ in 0..101 {
        batches.push(rows.running(|_| {}).await.id);
    }
    batches.sort_unstable();
    // The edges of pages of fifty.
    for edge in [0, 49, 50, 99, 100] {
        let sql = "UPDATE ledger_budgets SET reserved_fen = 7 WHERE budget_id = $1";
        town.execute(sql, [batches[edge].uuid().into()]).await;
    }
    town.execute(
        "DELETE FROM ledger_budgets WHERE budget_id = $1",
        [batches[98].uuid().into()],
    )
    .await;
    let report = service(&town, town.store.clone()).check().await.unwrap();
    assert_eq!(report.totals.batches, 100);
    let mut broken: Vec<_> = report
        .differences
        .iter()
        .filter_map(|one| one.batch_id)
        .collect();
    broken.sort_unstable();
    assert_eq!(broken, [0, 49, 50, 98, 99, 100].map(|edge| batches[edge]));
}
