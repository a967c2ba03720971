//! What a donor and a worker may have at a time.

use std::sync::Arc;

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{
        Clock,
        id::{WishClaimId, WishId},
    },
    wishes::{ClaimForm, WishError, WishService},
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{actors::once, servers::database::Kind, town::Town};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::sync::Barrier;

use super::{CALLERS, live_claims, storm, successes};

async fn wishes_of_many(town: &Town) -> Vec<WishId> {
    let mut wishes = Vec::new();
    for _ in 0..CALLERS {
        wishes.push(town.published_wish(&town.worker().await).await);
    }
    wishes
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_donor_holds_five_claims_at_most(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let ids = wishes_of_many(&town).await;
    let donor = town.donor().await;
    let results = storm([&town.services.wishes, &second], |n, wishes| {
        let (donor, wish) = (donor.clone(), ids[n]);
        async move {
            wishes
                .claim(&donor, &once(&donor), wish, &ClaimForm::default())
                .await
        }
    })
    .await;
    assert_eq!(
        successes(&results),
        5,
        "no place is lost to the race either"
    );
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(_) | Err(WishError::ClaimLimit)))
    );
    assert_eq!(live_claims(&town).await, 5);
    let claimed = town
        .count("SELECT COUNT(*) FROM wishes WHERE status = 'claimed'")
        .await;
    assert_eq!(claimed, 5, "the others are back on the wall");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_with_a_count_instead_of_places_a_donor_holds_more(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    town.store
        .writer()
        .execute_unprepared("DROP INDEX wish_claims_places")
        .await
        .unwrap();
    let ids = wishes_of_many(&town).await;
    let donor = town.donor().await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let careless = ids.iter().map(|wish| {
        let (town, looked, donor) = (&town, looked.clone(), donor.account_id);
        async move {
            let count = live_claims(town).await;
            looked.wait().await;
            if count < 5 {
                let now = town.clock.now();
                let ids = [WishClaimId::generate(now, &SystemRandom).uuid(), wish.uuid(), donor.uuid()];
                let sql = "INSERT INTO wish_claims (id, wish_id, donor_id, donor_place, claimed_at, lapses_at, status) \
                     VALUES ($1, $2, $3, 1, $4, $4, 'active')";
                town.execute(sql, ids.map(Into::into).into_iter().chain([now.into()])).await;
            }
        }
    });
    join_all(careless).await;
    let held = live_claims(&town).await;
    assert!(held > 5, "{held}: the control no longer races");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_one_live_wish_however_often_they_submit(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let worker = town.worker().await;
    let submit = |_, wishes: WishService| {
        let (worker, form) = (worker.clone(), town.wish_form());
        async move { wishes.submit(&worker, &once(&worker), &form).await }
    };
    let results = storm([&town.services.wishes, &second], submit).await;
    assert_eq!(successes(&results), 1);
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(_) | Err(WishError::LiveWishExists)))
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn twins_of_one_claim_get_one_answer(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let second = town.another_process().await.wishes;
    let wish = town.published_wish(&town.worker().await).await;
    let donor = town.donor().await;
    let request = once(&donor);
    let results = storm([&town.services.wishes, &second], |_, wishes| {
        let (donor, request) = (donor.clone(), request.clone());
        async move {
            wishes
                .claim(&donor, &request, wish, &ClaimForm::default())
                .await
        }
    })
    .await;
    let answers: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.value.id == answers[0].value.id)
    );
}
