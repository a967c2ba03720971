//! Quota, day, budget and person, each limit with its control.

use std::sync::Arc;

use niangjia_domain::vouchers::wallet::voucher::Voucher;
use niangjia_tests::{
    rows::{account, person},
    servers::database::Kind,
};
use rstest::rstest;
use sea_orm::Value;
use tokio::sync::Barrier;

use super::{issue, two_stores};
use crate::crowd::{CALLERS, act_carelessly, storm};

const ISSUE_CARELESSLY: &str = "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, \
     valid_from, valid_to, state) VALUES ($1, $2, $3, $4, 1500, $5, $5, $6, 'issued')";

fn values_of(voucher: &Voucher) -> Vec<Value> {
    let ids = [
        voucher.id.uuid(),
        voucher.batch_id.uuid(),
        voucher.person_id.uuid(),
        account().uuid(),
    ];
    ids.into_iter()
        .map(Value::from)
        .chain([voucher.issued_at.into(), voucher.valid_to.into()])
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn exactly_as_many_are_issued_as_the_quota_allows(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows, two) = two_stores(kind).await;
    let batch = rows.running(|new| new.quota = 7).await;
    let issued = storm([&rows.store, &two], |_, store| {
        let (batch, vouchers) = (batch.clone(), vec![rows.voucher(&batch, person())]);
        async move { issue(store, batch, vouchers).await == 1 }
    })
    .await;
    assert_eq!(issued, 7);
    assert_eq!(rows.tally(&batch).await.issued, 7);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn folded_calls_share_quota_day_and_budget_to_the_last_voucher(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values((50, None, 150_000, 50), (100, Some(41), 150_000, 41), (100, None, 1_500 * 33 + 700, 33))]
    limits: (i64, Option<i64>, i64, usize),
) {
    let (quota, daily, budget, expected) = limits;
    let (_database, rows, two) = two_stores(kind).await;
    let batch = rows
        .running(|new| (new.quota, new.daily_quota, new.budget_fen) = (quota, daily, budget))
        .await;
    let calls: Vec<_> = (0..CALLERS)
        .map(|n| {
            let store = if n % 2 == 0 {
                rows.store.clone()
            } else {
                two.clone()
            };
            // Each person twice in a call: the second one passes too, the limit being two.
            let people: Vec<_> = (0..3).map(|_| person()).collect();
            let vouchers = people
                .iter()
                .chain(&people)
                .map(|person| rows.voucher(&batch, *person))
                .collect();
            tokio::spawn(issue(store, batch.clone(), vouchers))
        })
        .collect();
    let mut issued = 0;
    for call in calls {
        issued += call.await.unwrap();
    }
    assert_eq!(issued, expected);
    assert_eq!(rows.tally(&batch).await.issued, expected as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_conditional_update_more_are_issued_than_allowed() {
    let (_database, rows, two) = two_stores(Kind::Postgres).await;
    let batch = rows.running(|new| new.quota = 7).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM vouchers WHERE batch_id = '{}'",
        batch.id.uuid()
    );
    let issued = storm([&rows.store, &two], |_, store| {
        let values = values_of(&rows.voucher(&batch, person()));
        act_carelessly(
            store,
            look.clone(),
            7,
            looked.clone(),
            ISSUE_CARELESSLY,
            values,
        )
    })
    .await;
    assert!(issued > 7, "{issued} of 7: the control no longer races");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_as_many_as_the_limit_however_often_they_ask(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows, two) = two_stores(kind).await;
    let batch = rows.running(|new| new.per_person_limit = 2).await;
    let greedy = person();
    let issued = storm([&rows.store, &two], |_, store| {
        let (batch, vouchers) = (batch.clone(), vec![rows.voucher(&batch, greedy)]);
        async move { issue(store, batch, vouchers).await == 1 }
    })
    .await;
    assert_eq!(issued, 2);
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (tally.issued, tally.slots),
        (2, 2),
        "what the losers counted went back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_numbered_slots_a_person_gets_more() {
    let (_database, rows, two) = two_stores(Kind::Postgres).await;
    let batch = rows.running(|_| {}).await;
    let greedy = person();
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM vouchers WHERE person_id = '{}'",
        greedy.uuid()
    );
    let issued = storm([&rows.store, &two], |_, store| {
        let values = values_of(&rows.voucher(&batch, greedy));
        act_carelessly(
            store,
            look.clone(),
            2,
            looked.clone(),
            ISSUE_CARELESSLY,
            values,
        )
    })
    .await;
    assert!(issued > 2, "{issued} of 2: the control no longer races");
}
