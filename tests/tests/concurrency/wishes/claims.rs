//! One wish, many donors.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{
        Clock,
        id::{WishClaimId, WishId},
    },
    store::Store,
    wishes::{
        ClaimForm, WishError,
        claims::wish_claim::{Donor, WishClaim},
        wish::status::WishStatus,
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{actors::once, servers::database::Kind, town::Town};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::sync::Barrier;

use super::{CALLERS, donors, live_claims, storm, successes};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_claimed_by_one_donor(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let wish = town.published_wish(&town.worker().await).await;
    let donors = donors(&town).await;
    let results = storm([&town.services.wishes, &second], |n, wishes| {
        let donor = donors[n].clone();
        async move {
            wishes
                .claim(&donor, &once(&donor), wish, &ClaimForm::default())
                .await
        }
    })
    .await;
    assert_eq!(successes(&results), 1);
    let losers = results
        .iter()
        .filter(|result| matches!(result, Err(WishError::AlreadyClaimed)))
        .count();
    assert_eq!(losers, CALLERS - 1, "everybody else is told so");
    assert_eq!(live_claims(&town).await, 1);
    assert_eq!(town.stored_wish(wish).await.status(), WishStatus::Claimed);
    assert_eq!(
        town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'wish.claimed'")
            .await,
        1
    );
}

/// What a careless developer would write: look, then act. The barrier makes sure that all look
/// before one acts.
async fn claim_carelessly(
    store: Arc<SqlStore>,
    wish: WishId,
    claim: WishClaim,
    looked: Arc<Barrier>,
) -> bool {
    let found = store
        .read()
        .await
        .unwrap()
        .wishes()
        .find(wish)
        .await
        .unwrap()
        .unwrap();
    looked.wait().await;
    if found.status() != WishStatus::Published {
        return false;
    }
    let mut tx = store.begin().await.unwrap();
    let inserted = tx.wish_claims().insert(&claim).await.unwrap_or(false);
    if inserted {
        tx.commit().await.unwrap();
    }
    inserted
}

async fn careless_storm(town: &Town) -> usize {
    let second = town.another_process().await.wishes;
    let wish = town.published_wish(&town.worker().await).await;
    let donors = donors(town).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let now = town.clock.now();
    let claimed = storm([&town.services.wishes, &second], |n, _| {
        let claim = WishClaim::open(
            WishClaimId::generate(now, &SystemRandom),
            wish,
            &Donor::of(&donors[n]),
            None,
            now,
        );
        claim_carelessly(town.store.clone(), wish, claim, looked.clone())
    })
    .await;
    claimed.into_iter().filter(|claimed| *claimed).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_index_alone_keeps_a_careless_claim_single(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    assert_eq!(careless_storm(&Town::new(kind).await).await, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_without_index_and_conditional_update_a_wish_is_claimed_by_many(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    town.store
        .writer()
        .execute_unprepared("DROP INDEX wish_claims_one_live")
        .await
        .unwrap();
    let claimed = careless_storm(&town).await;
    assert!(claimed > 1, "{claimed}: the control no longer races");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_conditional_update_alone_keeps_a_claim_single(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    town.store
        .writer()
        .execute_unprepared("DROP INDEX wish_claims_one_live")
        .await
        .unwrap();
    let second = town.another_process().await.wishes;
    let wish = town.published_wish(&town.worker().await).await;
    let donors = donors(&town).await;
    let results = storm([&town.services.wishes, &second], |n, wishes| {
        let donor = donors[n].clone();
        async move {
            wishes
                .claim(&donor, &once(&donor), wish, &ClaimForm::default())
                .await
        }
    })
    .await;
    assert_eq!(successes(&results), 1);
}
