//! Entering a draw, and draws that rest or end.

use niangjia_domain::{
    kernel::Actor,
    vouchers::{
        VoucherError,
        batches::batch::Switch,
        draw::{DrawState, EntryState},
    },
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{Town, by_draw, told},
};
use rstest::rstest;

use super::HOUR;

#[rstest]
#[tokio::test]
async fn a_person_enters_once_until_the_hour(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let batch = town.running(by_draw(&town)).await;
    let worker = town.worker().await;
    let request = once(&worker);
    let entry = services
        .draws
        .enter(&worker, &request, batch)
        .await
        .unwrap();
    let again = services
        .draws
        .enter(&worker, &request, batch)
        .await
        .unwrap();
    assert_eq!((again.replayed, &again.value), (true, &entry.value));
    assert!(matches!(
        services.enter(&worker, batch).await,
        Err(VoucherError::EnteredBefore)
    ));
    // The same person behind another account.
    let second_account = Actor {
        person_id: worker.person_id,
        ..town.donor().await
    };
    assert!(matches!(
        services.enter(&second_account, batch).await,
        Err(VoucherError::EnteredBefore)
    ));
    let stranger = town.donor().await;
    assert!(matches!(
        services.enter(&stranger, batch).await,
        Err(VoucherError::StandingInsufficient(_))
    ));
    assert!(matches!(
        town.claim(&worker, batch).await,
        Err(VoucherError::DistributedOtherwise(_))
    ));

    assert_eq!(
        services
            .draws
            .my_entry(&worker, entry.value.id)
            .await
            .unwrap(),
        entry.value
    );
    let other = town.worker().await;
    assert!(
        services
            .draws
            .my_entry(&other, entry.value.id)
            .await
            .is_err(),
        "somebody else's is not found"
    );
    let published = services.published(batch).await;
    assert_eq!(
        (published.draw.entries, published.draw.state),
        (1, DrawState::Waiting)
    );
    assert!(published.draw.revealed_seed().is_none() && published.order.items.is_empty());
    assert_eq!(
        services.draws.run_due(10).await.unwrap(),
        0,
        "not before its hour"
    );
    town.clock.advance(HOUR);
    assert!(matches!(
        services.enter(&other, batch).await,
        Err(VoucherError::EntriesClosed)
    ));
}

#[rstest]
#[tokio::test]
async fn money_that_comes_back_during_a_draw_does_not_reach_later_ranks(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let mut new = by_draw(&town);
    (new.quota, new.daily_quota) = (1, None);
    let batch = town.running(new).await;
    for _ in 0..5 {
        services.enter(&town.worker().await, batch).await.unwrap();
    }
    town.clock.advance(HOUR);
    // Lots for all, the turn to drawing, and the first two ranks.
    while services.published(batch).await.draw.ranked == 0 {
        services.draws.run_due(2).await.unwrap();
    }
    town.services
        .vouchers
        .batches
        .change_quota(&town.maker, batch, 1, 5)
        .await
        .unwrap();
    services.draw_all(2).await;
    let order = services.published(batch).await.order.items;
    let won: Vec<_> = order
        .iter()
        .map(|entry| matches!(entry.state, EntryState::Won { .. }))
        .collect();
    assert_eq!(won, [true, false, false, false, false]);
}

#[rstest]
#[tokio::test]
async fn a_paused_draw_rests_and_a_stopped_one_is_cancelled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let batch = town.running(by_draw(&town)).await;
    let worker = town.worker().await;
    let entry = services.enter(&worker, batch).await.unwrap();
    town.clock.advance(HOUR);
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(services.draws.run_due(10).await.unwrap(), 0);
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Stop)
        .await
        .unwrap();
    let open = town
        .services
        .vouchers
        .batches
        .close(&town.maker, batch)
        .await;
    assert!(
        matches!(open, Err(VoucherError::BatchUnfinished(_))),
        "somebody still waits for the draw"
    );
    services.draw_all(10).await;
    assert_eq!(
        services
            .draws
            .my_entry(&worker, entry.id)
            .await
            .unwrap()
            .state,
        EntryState::Cancelled
    );
    assert_eq!(
        services.published(batch).await.draw.state,
        DrawState::Cancelled
    );
    assert_eq!(told(&town, &worker).await, ["draw_cancelled"]);
    town.services
        .vouchers
        .batches
        .close(&town.maker, batch)
        .await
        .unwrap();
}
