//! Races over draws, grants and recalls: two stores with pools of their own, each guard with a
//! control without it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Actor,
        id::{VoucherBatchId, kind},
    },
    store::Store,
    vouchers::{
        VoucherError,
        allotment::AllotmentState,
        draw::{DrawEntry, EntryState, ports::EnterOutcome},
        ports::AcceptOutcome,
        recall::Recall,
        scans::redemption::NewRedemption,
        wallet::voucher::VoucherState,
    },
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    canteen::{Canteen, account, new_id, person},
    database::Kind,
    releases::{Desk, by_grant, by_lot, told},
};
use rstest::rstest;
use tokio::sync::Barrier;

use super::{
    crowd::{CALLERS, act_carelessly, storm},
    vouchers::tills,
};

async fn desks(canteen: &Canteen) -> (Desk, Desk) {
    (Desk::of(canteen), Desk::another(canteen).await)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_one_chance_however_often_they_enter(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let (one, two) = desks(&canteen).await;
    let batch = canteen.running(by_lot(&canteen)).await;
    let worker = canteen.scene.worker().await;
    let entered = storm([&one, &two], |_, desk| {
        let worker = worker.clone();
        async move {
            match desk.enter(&worker, batch).await {
                Ok(_) => true,
                Err(VoucherError::EnteredBefore) => false,
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await;
    assert_eq!(entered, 1);
    assert_eq!(one.published(batch).await.draw.entries, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_unique_key_a_person_has_more_chances() {
    let canteen = Canteen::open(Kind::Postgres).await;
    let batch = canteen.running(by_lot(&canteen)).await;
    let (worker, looked) = (person(), Arc::new(Barrier::new(CALLERS)));
    canteen
        .scene
        .execute("DROP INDEX voucher_draw_entries_person", [])
        .await;
    let look = "SELECT COUNT(*) FROM voucher_draw_entries";
    let act = "INSERT INTO voucher_draw_entries (id, batch_id, person_id, account_id, entered_at, draws_at, state) \
               VALUES ($1, $2, $3, $3, now(), now(), 'entered')";
    let two = canteen.scene.database.store().await;
    let entered = storm([&*canteen.scene.store, &two], |_, store| {
        let id = new_id::<kind::DrawEntry>().uuid();
        let values = vec![id.into(), batch.uuid().into(), worker.uuid().into()];
        act_carelessly(store, look.to_owned(), 1, looked.clone(), act, values)
    })
    .await;
    assert!(entered > 1, "{entered}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_draw_every_entry_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let (one, two) = desks(&canteen).await;
    let mut new = by_lot(&canteen);
    new.quota = 5;
    let batch = canteen.running(new).await;
    let mut workers: Vec<Actor> = Vec::new();
    for _ in 0..12 {
        workers.push(canteen.scene.worker().await);
        one.enter(&workers[workers.len() - 1], batch).await.unwrap();
    }
    canteen.scene.clock.advance(TimeDelta::hours(1));
    // Rounds of two, by callers who all go on until nothing is left for them.
    while one.published(batch).await.draw.finished_at.is_none() {
        storm([&one, &two], |_, desk| async move {
            desk.draws.run_due(2).await.unwrap() > 0
        })
        .await;
    }
    let published = one.published(batch).await;
    let ranks: Vec<_> = published
        .order
        .items
        .iter()
        .map(|entry| entry.state.rank().unwrap())
        .collect();
    assert_eq!(ranks, (1..=12).collect::<Vec<_>>());
    let won = published
        .order
        .items
        .iter()
        .filter(|entry| matches!(entry.state, EntryState::Won { .. }))
        .count();
    assert_eq!((won, published.draw.winners), (5, 5));
    assert_eq!(canteen.balanced(batch).await.issued, 5);
    for worker in &workers {
        assert_eq!(told(&canteen, worker).await.len(), 1, "told once");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_taken_by_one(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let (one, two) = (
        canteen.scene.database.store().await,
        canteen.scene.database.store().await,
    );
    let batch = canteen.running(by_lot(&canteen)).await;
    let draw = one
        .read()
        .await
        .unwrap()
        .draws()
        .find(batch)
        .await
        .unwrap()
        .unwrap();
    let taken = storm([&one, &two], |_, store| {
        let draw = draw.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let taken = tx.draws().take_round(&draw).await.unwrap();
            tx.commit().await.unwrap();
            taken
        }
    })
    .await;
    assert_eq!(taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_comparison_a_round_is_taken_by_many() {
    let canteen = Canteen::open(Kind::Postgres).await;
    let batch = canteen.running(by_lot(&canteen)).await;
    let two = canteen.scene.database.store().await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let taken = storm([&*canteen.scene.store, &two], |_, store| {
        let act = "UPDATE voucher_draws SET round = round + 1 WHERE batch_id = $1";
        let values = vec![batch.uuid().into()];
        act_carelessly(
            store,
            "SELECT round FROM voucher_draws".to_owned(),
            1,
            looked.clone(),
            act,
            values,
        )
    })
    .await;
    assert!(taken > 1, "{taken}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_draw_and_the_last_entries_decide_by_one_row(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let (one, other) = (
        canteen.scene.database.store().await,
        canteen.scene.database.store().await,
    );
    let batch = canteen.running(by_lot(&canteen)).await;
    let draw = one
        .read()
        .await
        .unwrap()
        .draws()
        .find(batch)
        .await
        .unwrap()
        .unwrap();
    let entered = storm([&one, &other], |n, store| {
        let draw = draw.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let entered = if n == CALLERS / 2 {
                assert!(tx.draws().take_round(&draw).await.unwrap());
                false
            } else {
                tx.draws()
                    .enter(&entry(draw.batch_id, draw.draw_at))
                    .await
                    .unwrap()
                    == EnterOutcome::Entered
            };
            if entered || n == CALLERS / 2 {
                tx.commit().await.unwrap();
            }
            entered
        }
    })
    .await;
    let mut tx = one.read().await.unwrap();
    let after = tx.draws().find(batch).await.unwrap().unwrap();
    assert_eq!(after.entries, entered as i64);
    assert_eq!(
        tx.draws().without_lot(batch, 100).await.unwrap().len(),
        entered,
        "none came in behind the draw"
    );
}

fn entry(batch_id: VoucherBatchId, draws_at: DateTime<Utc>) -> DrawEntry {
    DrawEntry {
        id: new_id(),
        batch_id,
        person_id: person(),
        account_id: account(),
        entered_at: draws_at - TimeDelta::minutes(1),
        draws_at,
        state: EntryState::Entered,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_grant_to_every_member_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let (one, two) = desks(&canteen).await;
    canteen
        .scene
        .execute("UPDATE unions SET district = '370811'", [])
        .await;
    let mut workers = Vec::new();
    for _ in 0..9 {
        workers.push(canteen.scene.worker().await);
    }
    let batch = canteen.running(by_grant(&canteen)).await;
    while one.progress(&canteen, batch).await.finished_at.is_none() {
        storm([&one, &two], |_, desk| async move {
            desk.grants.run_due(2).await.unwrap() > 0
        })
        .await;
    }
    let run = one.progress(&canteen, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Finished, 9, 9)
    );
    assert_eq!(canteen.balanced(batch).await.issued, 9);
    for worker in &workers {
        assert_eq!(told(&canteen, worker).await.len(), 1, "told once");
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
    let (_database, till, two) = tills(kind).await;
    let batch = till.running(|_| {}).await;
    for _ in 0..4 {
        let voucher = till.issued(&batch, person()).await;
        let recall = recall_of(batch.id, till.now);
        let mut tx = till.store.begin().await.unwrap();
        tx.voucher_recalls().add(&recall).await.unwrap();
        tx.commit().await.unwrap();
        let won = storm([&till.store, &two], |n, store| {
            let scan = till.redemption(&voucher, &format!("餐{n}"), n as i64, 1_500);
            let recall = recall.clone();
            async move { scan_or_recall(store, n, scan, recall).await }
        })
        .await;
        let mut tx = till.store.read().await.unwrap();
        let state = tx.vouchers().find_many(&[voucher.id]).await.unwrap()[0].state;
        // A recall passes over a voucher that is being written, so at worst a scan that lost leaves
        // it for later.
        assert!(
            won == 1 || (won == 0 && state == VoucherState::Issued),
            "{won} {state:?}"
        );
        till.tally(&batch).await;
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
    let (_database, till, two) = tills(Kind::Postgres).await;
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = "SELECT COUNT(*) FROM vouchers WHERE state <> 'issued'";
    let acts = [
        "UPDATE vouchers SET state = 'redeemed' WHERE id = $1",
        "UPDATE vouchers SET state = 'recalled' WHERE id = $1",
    ];
    let won = storm([&till.store, &two], |n, store| {
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
