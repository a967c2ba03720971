//! A large export in bounded memory.

use std::{fs, sync::Arc};

use niangjia_tests::servers::database::Kind;
use rstest::rstest;
use serde_json::json;

use super::{Counter, step};

/// How many redemptions a big station has in a busy month.
const MONTH: i64 = 200_000;

/// What exporting them may add to the server's memory, in KiB.
const GROWTH_KIB: u64 = 64 * 1024;

#[rstest]
#[tokio::test]
async fn a_month_of_200_000_redemptions_is_exported_in_bounded_memory(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counter = Arc::new(Counter::open(kind).await);
    counter.eaten_yesterday(1).await;
    multiply(&counter, kind, MONTH).await;
    let id = counter.open_sheet().await;
    let before = peak_kib(counter.process.pid());
    let frozen = step(&counter.town.cadre, &id, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(frozen.body["sheet"]["lines"], MONTH);
    let found = counter.checked_export(&counter.town.checker, &id).await;
    assert_eq!(found["lines"], MONTH);
    assert_eq!(
        (&found["hash"], &found["totalFen"]),
        (
            &frozen.body["sheet"]["hash"],
            &frozen.body["sheet"]["totalFen"]
        )
    );
    let growth = peak_kib(counter.process.pid()).saturating_sub(before);
    assert!(
        growth < GROWTH_KIB,
        "the server grew by {growth} KiB from {before}"
    );
}

/// Copies the one redemption and its voucher until there are `total`, each of its own, of a person
/// of its own and scanned by staff of its own: so many at once by one would look like collusion.
async fn multiply(counter: &Counter, kind: Kind, total: i64) {
    let (series, id) = match kind {
        Kind::Sqlite => (
            "(WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < $1) SELECT n FROM n) n",
            "randomblob(16)",
        ),
        Kind::Postgres => (
            "generate_series(2, CAST($1 AS BIGINT)) AS n(n)",
            "gen_random_uuid()",
        ),
    };
    let vouchers = format!(
        "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, valid_to, state, \
           redemptions) \
         SELECT {id}, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, valid_to, state, 1 \
         FROM vouchers, {series} WHERE state = 'redeemed'"
    );
    counter.execute(&vouchers, [total.into()]).await;
    let redemptions = format!(
        "INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, scan_id, \
           day, meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) \
         SELECT {id}, v.id, 1, r.batch_id, v.id, r.station_id, v.id, r.device_id, r.scan_id, r.day, r.meal, \
           r.price_fen, r.amount_fen, r.copay_fen, r.remainder_fen, r.scanned_at, r.accepted_at, r.state \
         FROM redemptions r, vouchers v WHERE v.state = 'redeemed' AND v.id <> r.voucher_id"
    );
    counter.execute(&redemptions, []).await;
    let spent = "UPDATE ledger_budgets SET budget_fen = 1500 * $1, quota = $1, reserved_fen = 0, spent_fen = 1500 * $1 \
                 WHERE spent_fen > 0";
    counter.execute(spent, [total.into()]).await;
}

/// The most memory that a process has had resident. Linux counts it per processor, so a later
/// reading may be a few pages below an earlier one.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("the peak");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
