//! One voucher, one meal, one scan.

use std::sync::Arc;

use niangjia_domain::store::Store;
use niangjia_tests::{
    client::{Client, fresh_key},
    demo_town::DemoTown,
    rows::{account, person},
    servers::{database::Kind, process::PASSWORD, two_processes::TwoProcesses},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::sync::Barrier;

use super::{accept, two_stores};
use crate::crowd::{CALLERS, act_carelessly, storm};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_is_redeemed_once_however_many_scan_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows, two) = two_stores(kind).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    // Other codes and other meals, so that only the voucher itself can decide.
    let accepted = storm([&rows.store, &two], |n, store| {
        accept(
            store,
            rows.redemption(&voucher, &format!("第{n}餐"), n as i64, 1_500),
        )
    })
    .await;
    assert_eq!(accepted, 1);
    assert_eq!(rows.tally(&batch).await.redeemed, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_eats_once_a_meal_whatever_vouchers_they_hold(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows, two) = two_stores(kind).await;
    let eater = person();
    let mut vouchers = Vec::new();
    for _ in 0..CALLERS / 2 {
        let batch = rows.running(|_| {}).await;
        vouchers.extend([
            rows.issued(&batch, eater).await,
            rows.issued(&batch, eater).await,
        ]);
    }
    let accepted = storm([&rows.store, &two], |n, store| {
        accept(store, rows.redemption(&vouchers[n], "午餐", 1, 1_500))
    })
    .await;
    assert_eq!(accepted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_unique_keys_a_voucher_pays_twice() {
    let (_database, rows, two) = two_stores(Kind::Postgres).await;
    rows.store
        .writer()
        .execute_unprepared("DROP INDEX redemptions_live")
        .await
        .unwrap();
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM redemptions WHERE voucher_id = '{}'",
        voucher.id.uuid()
    );
    let act = "INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, \
               scan_id, day, meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) \
               VALUES ($1, $2, $3, $4, $5, $6, $1, 'd', 's', '2026-06-01', 'm', 1500, 1500, 0, 0, $7, $7, 'accepted')";
    let accepted = storm([&rows.store, &two], |n, store| {
        let it = rows.redemption(&voucher, "午餐", 1, 1_500).redemption;
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
    let (_database, rows, two) = two_stores(kind).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    let scan = rows.redemption(&voucher, "午餐", 1, 900);
    assert!(accept(rows.store.clone(), scan.clone()).await);
    let annulled = scan
        .redemption
        .annul(account(), "扫错".to_owned(), rows.now)
        .unwrap();
    let later = rows.now + chrono::TimeDelta::seconds(1);
    let done = storm([&rows.store, &two], |n, store| {
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
    rows.tally(&batch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_issue_to_the_last_voucher_and_accept_one_scan() {
    let processes = TwoProcesses::start().await;
    let one = DemoTown::enter(&processes.one.base, PASSWORD)
        .await
        .unwrap();
    let two =
        |client: &Client| Client::new(&processes.two.base).with_token(client.token().unwrap());
    let mut draft = one.draft();
    draft["quota"] = json!(5);
    let batch = one.running(draft).await.unwrap();
    let mut workers = Vec::new();
    for n in 0..12 {
        let worker = one.provisional_member().await.unwrap().0;
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
    let code = one.code(worker, reply.id().unwrap()).await.unwrap();
    let (scan, other_staff) = (one.scan_of(code.text("payload").unwrap()), two(&one.staff));
    let scans = (0..12).map(|n| {
        let staff = if n % 2 == 0 { &one.staff } else { &other_staff };
        staff.post_once("/redemptions", scan.clone())
    });
    let replies = futures_util::future::join_all(scans).await;
    let accepted = replies.iter().filter(|reply| reply.status == 201);
    let used = replies
        .iter()
        .filter(|reply| reply.code() == "already_redeemed");
    assert_eq!((accepted.count(), used.count()), (1, 11));

    // One scan whose answer was lost, asked for again from both sides at once.
    let (reply, worker) = issued[1];
    let code = one.code(worker, reply.id().unwrap()).await.unwrap();
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
    assert_eq!(one.balanced(&batch).await.unwrap()["redeemed"], 2);
}
