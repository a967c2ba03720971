//! What it takes to wish, and taking a wish back.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, id::UploadId},
    wishes::{Shown, WishError, WishForm},
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{actors::once, servers::database::Kind, town::Town};
use rstest::rstest;

use super::{FIRST, is_not_found, wall};

#[rstest]
#[tokio::test]
async fn wishing_has_its_conditions(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let submit =
        async |actor, form: &WishForm| town.services.wishes.submit(actor, &once(actor), form).await;

    let stranger = town.donor().await;
    assert!(matches!(
        submit(&stranger, &town.wish_form()).await,
        Err(WishError::StandingInsufficient)
    ));
    let former = town.worker().await;
    town.execute("UPDATE memberships SET status = 'withdrawn'", [])
        .await;
    assert!(matches!(
        submit(&former, &town.wish_form()).await,
        Err(WishError::StandingInsufficient)
    ));

    let worker = town.worker().await;
    let dear = WishForm {
        estimate_fen: 30_001,
        ..town.wish_form()
    };
    assert!(matches!(
        submit(&worker, &dear).await,
        Err(WishError::Invalid(_))
    ));
    let photo_ids = vec![UploadId::generate(town.clock.now(), &SystemRandom)];
    let borrowed = WishForm {
        photo_ids,
        ..town.wish_form()
    };
    assert!(
        matches!(submit(&worker, &borrowed).await, Err(WishError::Invalid(_))),
        "photos must be the caller's own"
    );
    assert_eq!(town.count("SELECT COUNT(*) FROM wishes").await, 0);

    let donor = town.donor().await;
    let (id, code) = town.wish_at_station(&worker, &donor).await;
    assert!(matches!(
        submit(&worker, &town.wish_form()).await,
        Err(WishError::LiveWishExists)
    ));
    let staff = town.another_staff().await;
    town.services
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await
        .unwrap();
    let until = town.clock.now() + TimeDelta::days(30);
    let early = submit(&worker, &town.wish_form()).await;
    assert!(matches!(early, Err(WishError::CoolingOff { until: told }) if told == until));
    town.clock.advance(TimeDelta::days(30));
    submit(&worker, &town.wish_form()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_withdrawn_wish_leaves_the_wall_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (worker, other) = (town.worker().await, town.worker().await);
    let id = town.published_wish(&worker).await;
    assert_eq!(
        town.services
            .wishes
            .wall(&wall(), FIRST)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert!(matches!(
        town.services.wishes.show(None, id).await.unwrap(),
        Shown::Public(_)
    ));
    assert!(is_not_found(
        &town.services.wishes.withdraw(&other, id).await.unwrap_err()
    ));
    town.services.wishes.withdraw(&worker, id).await.unwrap();
    assert!(
        town.services
            .wishes
            .wall(&wall(), FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(is_not_found(
        &town.services.wishes.show(None, id).await.unwrap_err()
    ));
    town.submitted_wish(&worker).await;
}
