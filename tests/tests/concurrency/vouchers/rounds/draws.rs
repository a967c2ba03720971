//! Entries and rounds of a draw.

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
        draw::{DrawEntry, EntryState, ports::EnterOutcome},
    },
};
use niangjia_tests::{
    rows::{account, new_id, person},
    servers::database::Kind,
    town::{Town, by_draw, told},
};
use rstest::rstest;
use tokio::sync::Barrier;

use super::two_processes;
use crate::crowd::{CALLERS, act_carelessly, storm};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_one_chance_however_often_they_enter(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (one, two) = two_processes(&town).await;
    let batch = town.running(by_draw(&town)).await;
    let worker = town.worker().await;
    let entered = storm([&one, &two], |_, services| {
        let worker = worker.clone();
        async move {
            match services.enter(&worker, batch).await {
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
    let town = Town::at_noon(Kind::Postgres).await;
    let batch = town.running(by_draw(&town)).await;
    let (worker, looked) = (person(), Arc::new(Barrier::new(CALLERS)));
    town.execute("DROP INDEX voucher_draw_entries_person", [])
        .await;
    let look = "SELECT COUNT(*) FROM voucher_draw_entries";
    let act = "INSERT INTO voucher_draw_entries (id, batch_id, person_id, account_id, entered_at, draws_at, state) \
               VALUES ($1, $2, $3, $3, now(), now(), 'entered')";
    let two = town.database.store().await;
    let entered = storm([&*town.store, &two], |_, store| {
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
    let town = Town::at_noon(kind).await;
    let (one, two) = two_processes(&town).await;
    let mut new = by_draw(&town);
    new.quota = 5;
    let batch = town.running(new).await;
    let mut workers: Vec<Actor> = Vec::new();
    for _ in 0..12 {
        workers.push(town.worker().await);
        one.enter(&workers[workers.len() - 1], batch).await.unwrap();
    }
    town.clock.advance(TimeDelta::hours(1));
    // Rounds of two, by callers who all go on until nothing is left for them.
    while one.published(batch).await.draw.finished_at.is_none() {
        storm([&one, &two], |_, services| async move {
            services.draws.run_due(2).await.unwrap() > 0
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
    assert_eq!(town.balanced(batch).await.issued, 5);
    for worker in &workers {
        assert_eq!(told(&town, worker).await.len(), 1, "told once");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_taken_by_one(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let (one, two) = (town.database.store().await, town.database.store().await);
    let batch = town.running(by_draw(&town)).await;
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
    let town = Town::at_noon(Kind::Postgres).await;
    let batch = town.running(by_draw(&town)).await;
    let two = town.database.store().await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let taken = storm([&*town.store, &two], |_, store| {
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
    let town = Town::at_noon(kind).await;
    let (one, other) = (town.database.store().await, town.database.store().await);
    let batch = town.running(by_draw(&town)).await;
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
