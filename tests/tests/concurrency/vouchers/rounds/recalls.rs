//! Allotments and recalls that run at two processes at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::VoucherBatchId,
    store::Store,
    vouchers::{
        allotment::AllotmentState, ports::AcceptOutcome, recall::Recall,
        scans::redemption::NewRedemption, wallet::voucher::VoucherState,
    },
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    rows::{account, new_id, person},
    servers::database::Kind,
    town::{Town, by_allotment, told},
};
use rstest::rstest;
use tokio::sync::Barrier;

use super::two_processes;
use crate::{
    crowd::{CALLERS, act_carelessly, storm},
    vouchers::two_stores,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_grant_to_every_member_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (one, two) = two_processes(&town).await;
    town.execute("UPDATE unions SET district = '370811'", [])
        .await;
    let mut workers = Vec::new();
    for _ in 0..9 {
        workers.push(town.worker().await);
    }
    let batch = town.running(by_allotment(&town)).await;
    while one.progress(&town, batch).await.finished_at.is_none() {
        storm([&one, &two], |_, services| async move {
            services.allotments.run_due(2).await.unwrap() > 0
        })
        .await;
    }
    let run = one.progress(&town, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Finished, 9, 9)
    );
    assert_eq!(town.balanced(batch).await.issued, 9);
    for worker in &workers {
        assert_eq!(told(&town, worker).await.len(), 1, "told once");
    }
}

fn recall_of(batch: VoucherBatchId, at: DateTime<Utc>) -> Recall {
    Recall {
        id: new_id(),
        batch_id: batch,
        person_id: None,
        reason: "批次作废".to_owned(),
        ordered_by: account(),
        ordered_at: at,
        recalled: 0,
        finished_at: None,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_and_a_recall_of_one_voucher_exclude_each_other(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows, two) = two_stores(kind).await;
    let batch = rows.running(|_| {}).await;
    for _ in 0..4 {
        let voucher = rows.issued(&batch, person()).await;
        let recall = recall_of(batch.id, rows.now);
        let mut tx = rows.store.begin().await.unwrap();
        tx.voucher_recalls().add(&recall).await.unwrap();
        tx.commit().await.unwrap();
        let won = storm([&rows.store, &two], |n, store| {
            let scan = rows.redemption(&voucher, &format!("餐{n}"), n as i64, 1_500);
            let recall = recall.clone();
            async move { scan_or_recall(store, n, scan, recall).await }
        })
        .await;
        let mut tx = rows.store.read().await.unwrap();
        let state = tx.vouchers().find_many(&[voucher.id]).await.unwrap()[0].state;
        // A recall passes over a voucher that is being written, so at worst a scan that lost leaves
        // it for later.
        assert!(
            won == 1 || (won == 0 && state == VoucherState::Issued),
            "{won} {state:?}"
        );
        rows.tally(&batch).await;
    }
}

async fn scan_or_recall(store: SqlStore, n: usize, scan: NewRedemption, recall: Recall) -> bool {
    let mut tx = store.begin().await.unwrap();
    let won = match n % 4 < 2 {
        true => tx.redemptions().accept(&[scan]).await.unwrap() == [AcceptOutcome::Accepted],
        false => !tx
            .voucher_recalls()
            .take_back(&recall, recall.ordered_at, 10)
            .await
            .unwrap()
            .is_empty(),
    };
    tx.commit().await.unwrap();
    won
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_state_in_the_update_a_voucher_is_used_and_recalled() {
    let (_database, rows, two) = two_stores(Kind::Postgres).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = "SELECT COUNT(*) FROM vouchers WHERE state <> 'issued'";
    let acts = [
        "UPDATE vouchers SET state = 'redeemed' WHERE id = $1",
        "UPDATE vouchers SET state = 'recalled' WHERE id = $1",
    ];
    let won = storm([&rows.store, &two], |n, store| {
        act_carelessly(
            store,
            look.to_owned(),
            1,
            looked.clone(),
            acts[n % 2],
            vec![voucher.id.uuid().into()],
        )
    })
    .await;
    assert!(won > 1, "{won}");
}
