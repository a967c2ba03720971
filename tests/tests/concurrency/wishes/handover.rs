//! Parcels, codes and claims that lapse.

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    store::Store,
    wishes::{
        WishError,
        claims::wish_claim::{ClaimStatus, Parcel},
        wish::status::WishStatus,
    },
};
use niangjia_tests::{actors::once, servers::database::Kind, town::Town};
use rstest::rstest;

use super::{CALLERS, storm, successes};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn guessing_in_parallel_gains_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let (worker, donor, staff) = (
        town.worker().await,
        town.donor().await,
        town.another_staff().await,
    );
    let (wish, code) = town.wish_at_station(&worker, &donor).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let results = storm([&town.services.wishes, &second], |_, wishes| {
        let staff = staff.clone();
        async move { wishes.hand_over(&staff, &once(&staff), wish, wrong).await }
    })
    .await;
    let compared = results
        .iter()
        .filter(|result| matches!(result, Err(WishError::PickupCodeWrong { .. })))
        .count();
    assert!(
        (1..=5).contains(&compared),
        "{compared} guesses were answered"
    );
    let silent = |result: &Result<_, WishError>| {
        matches!(
            result,
            Err(WishError::Changed | WishError::PickupCodeLocked { .. })
        )
    };
    assert_eq!(
        results.iter().filter(|result| silent(result)).count(),
        CALLERS - compared
    );
    let counted = town
        .count("SELECT COUNT(*) FROM audit_entries WHERE action = 'wish.pickup_refused'")
        .await;
    assert_eq!(usize::try_from(counted).unwrap(), compared);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_is_handed_over_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let (worker, donor, staff) = (
        town.worker().await,
        town.donor().await,
        town.another_staff().await,
    );
    let (wish, code) = town.wish_at_station(&worker, &donor).await;
    let results = storm([&town.services.wishes, &second], |_, wishes| {
        let (staff, code) = (staff.clone(), code.clone());
        async move { wishes.hand_over(&staff, &once(&staff), wish, &code).await }
    })
    .await;
    assert_eq!(successes(&results), 1);
    assert_eq!(
        town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'wish.handed_over'")
            .await,
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_lapses_or_is_dispatched_never_both(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let mut claims = Vec::new();
    for _ in 0..8 {
        let (donor, wish) = (
            town.donor().await,
            town.published_wish(&town.worker().await).await,
        );
        claims.push((town.claim_wish(&donor, wish).await.unwrap(), donor, wish));
    }
    town.clock.advance(TimeDelta::hours(72));
    let dispatches = claims.iter().map(|(claim, donor, _)| {
        town.services
            .wishes
            .dispatch(donor, claim.id, Parcel::default())
    });
    let (lapsed, dispatched) = tokio::join!(second.lapse_overdue(100), join_all(dispatches));
    assert_eq!(
        usize::try_from(lapsed.unwrap()).unwrap() + successes(&dispatched),
        claims.len()
    );
    for (result, (claim, _, wish)) in dispatched.iter().zip(&claims) {
        let stored = town
            .store
            .read()
            .await
            .unwrap()
            .wish_claims()
            .find(claim.id)
            .await
            .unwrap()
            .unwrap();
        let both = (stored.status(), town.stored_wish(*wish).await.status());
        let expected = match result {
            Ok(_) => (ClaimStatus::Dispatched, WishStatus::InTransit),
            Err(_) => (ClaimStatus::Lapsed, WishStatus::Published),
        };
        assert_eq!(both, expected);
    }
}
