//! Claims and reports: what is unique, what is due.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Actor, Clock,
        id::{WishClaimId, WishReportId},
    },
    store::{Store, StoreError},
    wishes::{
        claims::wish_claim::{ClaimState, ClaimStatus, Donor, Parcel, WishClaim},
        moderation::wish_report::WishReport,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{servers::database::Kind, town::Town};
use rstest::rstest;

use super::FIRST;

#[rstest]
#[tokio::test]
async fn a_wish_has_one_live_claim_whatever_the_use_case_forgets(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let wish = town.published_wish(&town.worker().await).await;
    let now = town.clock.now();
    let open = |actor: &Actor| {
        WishClaim::open(
            WishClaimId::generate(now, &SystemRandom),
            wish,
            &Donor::of(actor),
            None,
            now,
        )
    };
    let first = open(&town.donor().await);
    let second = open(&town.donor().await);
    let mut tx = town.store.begin().await.unwrap();
    assert!(tx.wish_claims().insert(&first).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = town.store.begin().await.unwrap();
    assert!(matches!(
        tx.wish_claims().insert(&second).await,
        Err(StoreError::Conflict { .. })
    ));
    drop(tx);

    let mut tx = town.store.begin().await.unwrap();
    let lapsed = WishClaim {
        state: ClaimState::Lapsed { at: now },
        ..first.clone()
    };
    assert!(
        tx.wish_claims()
            .save(&lapsed, ClaimStatus::Active)
            .await
            .unwrap()
    );
    assert!(
        !tx.wish_claims()
            .save(&lapsed, ClaimStatus::Active)
            .await
            .unwrap(),
        "it is not active any more"
    );
    assert!(tx.wish_claims().insert(&second).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = town.store.read().await.unwrap();
    assert_eq!(tx.wish_claims().find(first.id).await.unwrap(), Some(lapsed));
    assert_eq!(
        tx.wish_claims()
            .find_of(second.id, second.donor_id)
            .await
            .unwrap(),
        Some(second.clone())
    );
    assert_eq!(
        tx.wish_claims()
            .find_of(second.id, first.donor_id)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        tx.wish_claims()
            .list_own(second.donor_id, FIRST)
            .await
            .unwrap()
            .items,
        vec![second]
    );
}

#[rstest]
#[tokio::test]
async fn a_donor_has_five_places_and_an_ended_claim_frees_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let donor = town.donor().await;
    let now = town.clock.now();
    let mut claims = Vec::new();
    for _ in 0..6 {
        let wish = town.published_wish(&town.worker().await).await;
        let id = WishClaimId::generate(now, &SystemRandom);
        claims.push(WishClaim::open(
            id,
            wish,
            &Donor::of(&donor),
            Some("老张".to_owned()),
            now,
        ));
    }
    let mut tx = town.store.begin().await.unwrap();
    for claim in &claims[..5] {
        assert!(tx.wish_claims().insert(claim).await.unwrap());
    }
    assert!(
        !tx.wish_claims().insert(&claims[5]).await.unwrap(),
        "all places are taken"
    );
    let parcel = Parcel {
        carrier: Some("顺丰".to_owned()),
        tracking_no: Some("SF1".to_owned()),
    };
    let sent = claims[2].clone().dispatch(parcel, now).unwrap();
    assert!(
        tx.wish_claims()
            .save(&sent, ClaimStatus::Active)
            .await
            .unwrap()
    );
    assert!(
        !tx.wish_claims().insert(&claims[5]).await.unwrap(),
        "a dispatched claim is live"
    );
    let ended = sent.clone().cancel(None, now).unwrap();
    assert!(
        tx.wish_claims()
            .save(&ended, ClaimStatus::Dispatched)
            .await
            .unwrap()
    );
    assert!(tx.wish_claims().insert(&claims[5]).await.unwrap());
    assert_eq!(
        tx.wish_claims().find(claims[5].id).await.unwrap().as_ref(),
        Some(&claims[5])
    );
}

#[rstest]
#[tokio::test]
async fn overdue_and_unreminded_claims_are_found_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let claim = town
        .claim_wish(
            &town.donor().await,
            town.published_wish(&town.worker().await).await,
        )
        .await
        .unwrap();
    let made = town.clock.now();
    let mut tx = town.store.begin().await.unwrap();
    let claims = tx.wish_claims();
    let before = claim.lapses_at - TimeDelta::seconds(1);
    assert!(claims.list_overdue(before, 10).await.unwrap().is_empty());
    assert_eq!(
        claims
            .list_overdue(claim.lapses_at, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        claims
            .list_unreminded(made - TimeDelta::seconds(1), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(claims.list_unreminded(made, 10).await.unwrap().len(), 1);
    assert!(claims.mark_reminded(claim.id, made).await.unwrap());
    assert!(!claims.mark_reminded(claim.id, made).await.unwrap());
    assert!(claims.list_unreminded(made, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn an_account_reports_a_wish_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let wish = town.published_wish(&town.worker().await).await;
    let (one, other) = (town.donor().await, town.donor().await);
    let now = town.clock.now();
    let report = |actor: &Actor| WishReport {
        id: WishReportId::generate(now, &SystemRandom),
        wish_id: wish,
        reporter_id: actor.account_id,
        reason: "内容不实".to_owned(),
        reported_at: now,
    };
    let mut tx = town.store.begin().await.unwrap();
    assert!(tx.wishes().insert_report(&report(&one)).await.unwrap());
    assert!(!tx.wishes().insert_report(&report(&one)).await.unwrap());
    assert!(tx.wishes().insert_report(&report(&other)).await.unwrap());
    assert_eq!(
        tx.wishes().count_reports(&[wish]).await.unwrap().get(&wish),
        Some(&2)
    );
}
