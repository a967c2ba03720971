//! Races over wishes: many callers on two processes' pools, each limit with a control without its
//! guard.

use std::{future::Future, sync::Arc};

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{
        Actor, Clock,
        id::{WishClaimId, WishId},
    },
    store::Store,
    wishes::{
        ClaimForm, WishError, WishService,
        claims::wish_claim::{ClaimStatus, Donor, Parcel, WishClaim},
        wish::status::WishStatus,
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    database::Kind,
    wish_scene::{Scene, once},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::sync::Barrier;

const CALLERS: usize = 16;

/// Runs all callers at once, every other one in the second process.
async fn storm<F>(
    processes: [&WishService; 2],
    call: impl Fn(usize, WishService) -> F,
) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| tokio::spawn(call(n, processes[n % 2].clone())))
        .collect();
    join_all(callers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

async fn donors(scene: &Scene) -> Vec<Actor> {
    let mut donors = Vec::new();
    for _ in 0..CALLERS {
        donors.push(scene.donor().await);
    }
    donors
}

fn successes<T, E>(results: &[Result<T, E>]) -> usize {
    results.iter().filter(|result| result.is_ok()).count()
}

const LIVE: &str = "status IN ('active', 'dispatched')";

async fn live_claims(scene: &Scene) -> i64 {
    scene
        .count(&format!("SELECT COUNT(*) FROM wish_claims WHERE {LIVE}"))
        .await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_claimed_by_one_donor(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let wish = scene.published(&scene.worker().await).await;
    let donors = donors(&scene).await;
    let results = storm([&scene.wishes, &second], |n, wishes| {
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
    assert_eq!(live_claims(&scene).await, 1);
    assert_eq!(scene.stored(wish).await.status(), WishStatus::Claimed);
    assert_eq!(
        scene
            .count("SELECT COUNT(*) FROM audit_entries WHERE action = 'wish.claimed'")
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

async fn careless_storm(scene: &Scene) -> usize {
    let second = scene.another_process().await;
    let wish = scene.published(&scene.worker().await).await;
    let donors = donors(scene).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let now = scene.clock.now();
    let claimed = storm([&scene.wishes, &second], |n, _| {
        let claim = WishClaim::open(
            WishClaimId::generate(now, &SystemRandom),
            wish,
            &Donor::of(&donors[n]),
            None,
            now,
        );
        claim_carelessly(scene.store.clone(), wish, claim, looked.clone())
    })
    .await;
    claimed.into_iter().filter(|claimed| *claimed).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_index_alone_keeps_a_careless_claim_single(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    assert_eq!(careless_storm(&Scene::new(kind).await).await, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_without_index_and_conditional_update_a_wish_is_claimed_by_many(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    scene
        .store
        .writer()
        .execute_unprepared("DROP INDEX wish_claims_one_live")
        .await
        .unwrap();
    let claimed = careless_storm(&scene).await;
    assert!(claimed > 1, "{claimed}: the control no longer races");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_conditional_update_alone_keeps_a_claim_single(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    scene
        .store
        .writer()
        .execute_unprepared("DROP INDEX wish_claims_one_live")
        .await
        .unwrap();
    let second = scene.another_process().await;
    let wish = scene.published(&scene.worker().await).await;
    let donors = donors(&scene).await;
    let results = storm([&scene.wishes, &second], |n, wishes| {
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

async fn wishes_of_many(scene: &Scene) -> Vec<WishId> {
    let mut wishes = Vec::new();
    for _ in 0..CALLERS {
        wishes.push(scene.published(&scene.worker().await).await);
    }
    wishes
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_donor_holds_five_claims_at_most(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let ids = wishes_of_many(&scene).await;
    let donor = scene.donor().await;
    let results = storm([&scene.wishes, &second], |n, wishes| {
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
    assert_eq!(live_claims(&scene).await, 5);
    let claimed = scene
        .count("SELECT COUNT(*) FROM wishes WHERE status = 'claimed'")
        .await;
    assert_eq!(claimed, 5, "the others are back on the wall");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_with_a_count_instead_of_places_a_donor_holds_more(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    scene
        .store
        .writer()
        .execute_unprepared("DROP INDEX wish_claims_places")
        .await
        .unwrap();
    let ids = wishes_of_many(&scene).await;
    let donor = scene.donor().await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let careless = ids.iter().map(|wish| {
        let (scene, looked, donor) = (&scene, looked.clone(), donor.account_id);
        async move {
            let count = live_claims(scene).await;
            looked.wait().await;
            if count < 5 {
                let now = scene.clock.now();
                let ids = [WishClaimId::generate(now, &SystemRandom).uuid(), wish.uuid(), donor.uuid()];
                let sql = "INSERT INTO wish_claims (id, wish_id, donor_id, donor_place, claimed_at, lapses_at, status) \
                     VALUES ($1, $2, $3, 1, $4, $4, 'active')";
                scene.execute(sql, ids.map(Into::into).into_iter().chain([now.into()])).await;
            }
        }
    });
    join_all(careless).await;
    let held = live_claims(&scene).await;
    assert!(held > 5, "{held}: the control no longer races");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_one_live_wish_however_often_they_submit(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let worker = scene.worker().await;
    let submit = |_, wishes: WishService| {
        let (worker, form) = (worker.clone(), scene.form());
        async move { wishes.submit(&worker, &once(&worker), &form).await }
    };
    let results = storm([&scene.wishes, &second], submit).await;
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
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let wish = scene.published(&scene.worker().await).await;
    let donor = scene.donor().await;
    let request = once(&donor);
    let results = storm([&scene.wishes, &second], |_, wishes| {
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

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn guessing_in_parallel_gains_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let (worker, donor, staff) = (
        scene.worker().await,
        scene.donor().await,
        scene.staff().await,
    );
    let (wish, code) = scene.at_station(&worker, &donor).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let results = storm([&scene.wishes, &second], |_, wishes| {
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
    let counted = scene
        .count("SELECT COUNT(*) FROM audit_entries WHERE action = 'wish.pickup_refused'")
        .await;
    assert_eq!(usize::try_from(counted).unwrap(), compared);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_is_handed_over_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let (worker, donor, staff) = (
        scene.worker().await,
        scene.donor().await,
        scene.staff().await,
    );
    let (wish, code) = scene.at_station(&worker, &donor).await;
    let results = storm([&scene.wishes, &second], |_, wishes| {
        let (staff, code) = (staff.clone(), code.clone());
        async move { wishes.hand_over(&staff, &once(&staff), wish, &code).await }
    })
    .await;
    assert_eq!(successes(&results), 1);
    assert_eq!(
        scene
            .count("SELECT COUNT(*) FROM audit_entries WHERE action = 'wish.handed_over'")
            .await,
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_lapses_or_is_dispatched_never_both(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let second = scene.another_process().await;
    let mut claims = Vec::new();
    for _ in 0..8 {
        let (donor, wish) = (
            scene.donor().await,
            scene.published(&scene.worker().await).await,
        );
        claims.push((scene.claim(&donor, wish).await.unwrap(), donor, wish));
    }
    scene.clock.advance(TimeDelta::hours(72));
    let dispatches = claims
        .iter()
        .map(|(claim, donor, _)| scene.wishes.dispatch(donor, claim.id, Parcel::default()));
    let (lapsed, dispatched) = tokio::join!(second.lapse_overdue(100), join_all(dispatches));
    assert_eq!(
        usize::try_from(lapsed.unwrap()).unwrap() + successes(&dispatched),
        claims.len()
    );
    for (result, (claim, _, wish)) in dispatched.iter().zip(&claims) {
        let stored = scene
            .store
            .read()
            .await
            .unwrap()
            .wish_claims()
            .find(claim.id)
            .await
            .unwrap()
            .unwrap();
        let both = (stored.status(), scene.stored(*wish).await.status());
        let expected = match result {
            Ok(_) => (ClaimStatus::Dispatched, WishStatus::InTransit),
            Err(_) => (ClaimStatus::Lapsed, WishStatus::Published),
        };
        assert_eq!(both, expected);
    }
}
