//! Races over vouchers: many callers, two stores with pools of their own, each limit with a control
//! without its guard.

use std::sync::Arc;

use niangjia_domain::{
    kernel::values::local_time,
    store::Store,
    vouchers::{
        batches::batch::Batch,
        ports::{AcceptOutcome, IssueOutcome},
        scans::redemption::NewRedemption,
        wallet::voucher::Voucher,
    },
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    canteen::{Till, account, person},
    client::{Client, fresh_key},
    database::{Kind, TestDatabase},
    lunch::Lunch,
    process::TwoProcesses,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Value};
use serde_json::json;
use tokio::sync::Barrier;

use super::crowd::{CALLERS, act_carelessly, storm};

async fn issue(store: SqlStore, batch: Batch, vouchers: Vec<Voucher>) -> usize {
    let mut tx = store.begin().await.unwrap();
    let day = local_time::date_of(vouchers[0].issued_at);
    let outcomes = tx.vouchers().issue(&batch, day, &vouchers).await.unwrap();
    tx.commit().await.unwrap();
    outcomes
        .into_iter()
        .filter(|outcome| *outcome == IssueOutcome::Issued)
        .count()
}

async fn accept(store: SqlStore, scan: NewRedemption) -> bool {
    let mut tx = store.begin().await.unwrap();
    let outcomes = tx.redemptions().accept(&[scan]).await.unwrap();
    tx.commit().await.unwrap();
    outcomes == [AcceptOutcome::Accepted]
}

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

pub async fn tills(kind: Kind) -> (TestDatabase, Till, SqlStore) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    (database, Till::new(one).await, two)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn exactly_as_many_are_issued_as_the_quota_allows(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till, two) = tills(kind).await;
    let batch = till.running(|new| new.quota = 7).await;
    let issued = storm([&till.store, &two], |_, store| {
        let (batch, vouchers) = (batch.clone(), vec![till.voucher(&batch, person())]);
        async move { issue(store, batch, vouchers).await == 1 }
    })
    .await;
    assert_eq!(issued, 7);
    assert_eq!(till.tally(&batch).await.issued, 7);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn folded_calls_share_quota_day_and_budget_to_the_last_voucher(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values((50, None, 150_000, 50), (100, Some(41), 150_000, 41), (100, None, 1_500 * 33 + 700, 33))]
    limits: (i64, Option<i64>, i64, usize),
) {
    let (quota, daily, budget, expected) = limits;
    let (_database, till, two) = tills(kind).await;
    let batch = till
        .running(|new| (new.quota, new.daily_quota, new.budget_fen) = (quota, daily, budget))
        .await;
    let calls: Vec<_> = (0..CALLERS)
        .map(|n| {
            let store = if n % 2 == 0 {
                till.store.clone()
            } else {
                two.clone()
            };
            // Each person twice in a call: the second one passes too, the limit being two.
            let people: Vec<_> = (0..3).map(|_| person()).collect();
            let vouchers = people
                .iter()
                .chain(&people)
                .map(|person| till.voucher(&batch, *person))
                .collect();
            tokio::spawn(issue(store, batch.clone(), vouchers))
        })
        .collect();
    let mut issued = 0;
    for call in calls {
        issued += call.await.unwrap();
    }
    assert_eq!(issued, expected);
    assert_eq!(till.tally(&batch).await.issued, expected as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_conditional_update_more_are_issued_than_allowed() {
    let (_database, till, two) = tills(Kind::Postgres).await;
    let batch = till.running(|new| new.quota = 7).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM vouchers WHERE batch_id = '{}'",
        batch.id.uuid()
    );
    let issued = storm([&till.store, &two], |_, store| {
        let values = values_of(&till.voucher(&batch, person()));
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
    let (_database, till, two) = tills(kind).await;
    let batch = till.running(|new| new.per_person_limit = 2).await;
    let greedy = person();
    let issued = storm([&till.store, &two], |_, store| {
        let (batch, vouchers) = (batch.clone(), vec![till.voucher(&batch, greedy)]);
        async move { issue(store, batch, vouchers).await == 1 }
    })
    .await;
    assert_eq!(issued, 2);
    let tally = till.tally(&batch).await;
    assert_eq!(
        (tally.issued, tally.slots),
        (2, 2),
        "what the losers counted went back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_numbered_slots_a_person_gets_more() {
    let (_database, till, two) = tills(Kind::Postgres).await;
    let batch = till.running(|_| {}).await;
    let greedy = person();
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM vouchers WHERE person_id = '{}'",
        greedy.uuid()
    );
    let issued = storm([&till.store, &two], |_, store| {
        let values = values_of(&till.voucher(&batch, greedy));
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

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_is_redeemed_once_however_many_scan_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till, two) = tills(kind).await;
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await;
    // Other codes and other meals, so that only the voucher itself can decide.
    let accepted = storm([&till.store, &two], |n, store| {
        accept(
            store,
            till.redemption(&voucher, &format!("第{n}餐"), n as i64, 1_500),
        )
    })
    .await;
    assert_eq!(accepted, 1);
    assert_eq!(till.tally(&batch).await.redeemed, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_eats_once_a_meal_whatever_vouchers_they_hold(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till, two) = tills(kind).await;
    let eater = person();
    let mut vouchers = Vec::new();
    for _ in 0..CALLERS / 2 {
        let batch = till.running(|_| {}).await;
        vouchers.extend([
            till.issued(&batch, eater).await,
            till.issued(&batch, eater).await,
        ]);
    }
    let accepted = storm([&till.store, &two], |n, store| {
        accept(store, till.redemption(&vouchers[n], "午餐", 1, 1_500))
    })
    .await;
    assert_eq!(accepted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_unique_keys_a_voucher_pays_twice() {
    let (_database, till, two) = tills(Kind::Postgres).await;
    till.store
        .writer()
        .execute_unprepared("DROP INDEX redemptions_live")
        .await
        .unwrap();
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM redemptions WHERE voucher_id = '{}'",
        voucher.id.uuid()
    );
    let act = "INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, \
               scan_id, day, meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) \
               VALUES ($1, $2, $3, $4, $5, $6, $1, 'd', 's', '2026-06-01', 'm', 1500, 1500, 0, 0, $7, $7, 'accepted')";
    let accepted = storm([&till.store, &two], |n, store| {
        let it = till.redemption(&voucher, "午餐", 1, 1_500).redemption;
        let values = vec![
            it.id.uuid().into(),
            it.voucher_id.uuid().into(),
            (n as i32 + 1).into(),
            it.batch_id.uuid().into(),
            it.person_id.uuid().into(),
            it.station_id.uuid().into(),
            it.accepted_at.into(),
        ];
        act_carelessly(store, look.clone(), 1, looked.clone(), act, values)
    })
    .await;
    assert!(accepted > 1, "the control no longer races");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_annulment_and_a_release_of_the_remainder_exclude_each_other(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till, two) = tills(kind).await;
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await;
    let scan = till.redemption(&voucher, "午餐", 1, 900);
    assert!(accept(till.store.clone(), scan.clone()).await);
    let annulled = scan
        .redemption
        .annul(account(), "扫错".to_owned(), till.now)
        .unwrap();
    let later = till.now + chrono::TimeDelta::seconds(1);
    let done = storm([&till.store, &two], |n, store| {
        let annulled = annulled.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let done = match n % 4 < 2 {
                true => tx.redemptions().annul(&annulled).await.unwrap(),
                false => !tx
                    .redemptions()
                    .release_remainders(later, later, 10)
                    .await
                    .unwrap()
                    .is_empty(),
            };
            tx.commit().await.unwrap();
            done
        }
    })
    .await;
    assert_eq!(done, 1);
    till.tally(&batch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_issue_to_the_last_voucher_and_accept_one_scan() {
    let processes = TwoProcesses::start().await;
    let one = Lunch::at(&processes.one.base).await;
    let two =
        |client: &Client| Client::new(&processes.two.base).with_token(client.token().unwrap());
    let mut draft = one.draft();
    draft["quota"] = json!(5);
    let batch = one.running(draft).await;
    let mut workers = Vec::new();
    for n in 0..12 {
        let worker = one.member().await;
        workers.push(if n % 2 == 0 { worker } else { two(&worker) });
    }
    let claims = workers.iter().map(|worker| one.claim(worker, &batch));
    let replies = futures_util::future::join_all(claims).await;
    let issued: Vec<_> = replies
        .iter()
        .zip(&workers)
        .filter(|(reply, _)| reply.status == 201)
        .collect();
    assert_eq!(issued.len(), 5);
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 201 || reply.code() == "batch_exhausted")
    );

    let (reply, worker) = issued[0];
    let code = one.code(worker, reply.id().unwrap()).await;
    let (scan, other_staff) = (one.scan_of(code.text("payload").unwrap()), two(&one.staff));
    let scans = (0..12).map(|n| {
        let staff = if n % 2 == 0 { &one.staff } else { &other_staff };
        staff.post_once("/redemptions", scan.clone())
    });
    let replies = futures_util::future::join_all(scans).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 201).count(),
        1
    );
    assert_eq!(
        replies
            .iter()
            .filter(|reply| reply.code() == "already_redeemed")
            .count(),
        11
    );

    // One scan whose answer was lost, asked for again from both sides at once.
    let (reply, worker) = issued[1];
    let code = one.code(worker, reply.id().unwrap()).await;
    let (scan, key) = (one.scan_of(code.text("payload").unwrap()), fresh_key());
    let twins = (0..8).map(|n| {
        let staff = if n % 2 == 0 { &one.staff } else { &other_staff };
        staff.post_with_key("/redemptions", scan.clone(), &key)
    });
    let replies = futures_util::future::join_all(twins).await;
    let answers: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert!(!answers.is_empty() && answers.iter().all(|reply| reply.body == answers[0].body));
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 201 || reply.code() == "request_in_flight")
    );
    assert_eq!(one.balanced(&batch).await["redeemed"], 2);
}
