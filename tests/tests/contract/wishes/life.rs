//! A wish from submission to thanks, and every call made twice.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::Clock,
    wishes::{
        ClaimForm, Shown, WishDecision, WishError,
        claims::wish_claim::{ClaimStatus, Parcel},
        moderation::text_check::Verdict,
        wish::status::WishStatus,
    },
};
use niangjia_tests::{actors::once, places::DISTRICT, servers::database::Kind, town::Town};
use rstest::rstest;

use super::{FIRST, is_not_found, other_than, thanks, wall};

#[rstest]
#[tokio::test]
async fn a_wish_goes_from_the_worker_to_thanks(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let (worker, donor, staff) = (
        town.worker().await,
        town.donor().await,
        town.another_staff().await,
    );
    let wishes = &town.services.wishes;

    let receipt = wishes
        .submit(&worker, &once(&worker), &town.wish_form())
        .await
        .unwrap()
        .value;
    assert_eq!(receipt.status, WishStatus::Reviewing);
    let id = receipt.id;
    assert!(
        is_not_found(&wishes.show(Some(&donor), id).await.unwrap_err()),
        "nobody else sees it yet"
    );
    assert!(matches!(
        wishes.show(Some(&worker), id).await.unwrap(),
        Shown::Own(_)
    ));
    assert!(wishes.wall(&wall(), FIRST).await.unwrap().items.is_empty());

    let published = town
        .decide_on_wish(&town.cadre("370800"), id, WishDecision::Publish)
        .await
        .unwrap();
    assert_eq!(published.status, WishStatus::Published);
    assert_eq!(
        wishes.wall(&wall(), FIRST).await.unwrap().items.len(),
        1,
        "the wall forgot its old self"
    );

    let claim = town.claim_wish(&donor, id).await.unwrap();
    assert_eq!(claim.lapses_at, town.clock.now() + TimeDelta::hours(72));
    assert!(wishes.wall(&wall(), FIRST).await.unwrap().items.is_empty());
    let step = wishes
        .dispatch(&donor, claim.id, Parcel::default())
        .await
        .unwrap();
    assert_eq!(
        (step.status, step.wish_status),
        (ClaimStatus::Dispatched, WishStatus::InTransit)
    );
    let step = wishes
        .arrive(&staff, &once(&staff), claim.id)
        .await
        .unwrap()
        .value;
    assert_eq!(step.wish_status, WishStatus::AtStation);

    let code = town.pickup_code(&worker).await.unwrap();
    let notices = town.inbox(&worker).await;
    assert!(notices.iter().any(|(topic, _)| topic == "wish_arrived"));
    let told_donor = town.inbox(&donor).await;
    assert!(
        notices
            .iter()
            .chain(&told_donor)
            .all(|(_, body)| !body.contains(&code)),
        "the code is read from the wish alone"
    );

    let handed = wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await
        .unwrap()
        .value;
    assert_eq!(handed.status, WishStatus::HandedOver);
    assert_eq!(town.pickup_code(&worker).await, None);
    let thanked = wishes
        .thank(&worker, id, &thanks("谢谢您，杯子很暖！"))
        .await
        .unwrap();
    assert_eq!(thanked.status, WishStatus::Thanked);
    let Shown::Public(public) = wishes.show(None, id).await.unwrap() else {
        panic!("a stranger is not the worker")
    };
    assert_eq!(
        public.thanks.unwrap().message.as_deref(),
        Some("谢谢您，杯子很暖！")
    );
    let mine = wishes.list_own_claims(&donor, FIRST).await.unwrap().items;
    assert_eq!(mine[0].claim.status(), ClaimStatus::Fulfilled);

    let topics: BTreeSet<_> = town
        .inbox(&worker)
        .await
        .into_iter()
        .map(|(topic, _)| topic)
        .collect();
    let expected = [
        "wish_published",
        "wish_claimed",
        "wish_dispatched",
        "wish_arrived",
        "wish_handed_over",
    ];
    assert_eq!(topics, expected.map(str::to_owned).into());
    let steps = town
        .count("SELECT COUNT(*) FROM audit_entries WHERE action LIKE 'wish.%'")
        .await;
    assert_eq!(
        steps, 7,
        "submitted, published, claimed, dispatched, arrived, handed over, thanked"
    );
}

#[rstest]
#[tokio::test]
async fn repetitions_get_the_first_answer(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let (worker, donor, staff) = (
        town.worker().await,
        town.donor().await,
        town.another_staff().await,
    );
    let wishes = &town.services.wishes;

    let request = once(&worker);
    let first = wishes
        .submit(&worker, &request, &town.wish_form())
        .await
        .unwrap();
    // Whatever the machine says by now.
    town.text_check.says(Some(Verdict::Risky));
    let again = wishes
        .submit(&worker, &request, &town.wish_form())
        .await
        .unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(
        (again.value.id, again.value.status),
        (first.value.id, WishStatus::Reviewing)
    );
    town.text_check.says(Some(Verdict::Pass));

    let id = first.value.id;
    town.decide_on_wish(&town.cadre(DISTRICT), id, WishDecision::Publish)
        .await
        .unwrap();
    let request = once(&donor);
    let claim = wishes
        .claim(&donor, &request, id, &ClaimForm::default())
        .await
        .unwrap()
        .value;
    let again = wishes
        .claim(&donor, &request, id, &ClaimForm::default())
        .await
        .unwrap();
    assert!(again.replayed);
    assert_eq!(again.value.id, claim.id);

    let request = once(&staff);
    wishes.arrive(&staff, &request, claim.id).await.unwrap();
    let code = town.pickup_code(&worker).await.unwrap();
    assert!(
        wishes
            .arrive(&staff, &request, claim.id)
            .await
            .unwrap()
            .replayed
    );
    assert_eq!(
        town.pickup_code(&worker).await.as_ref(),
        Some(&code),
        "no second code"
    );

    let wrong = once(&staff);
    for _ in 0..7 {
        let refused = wishes
            .hand_over(&staff, &wrong, id, &other_than(&code))
            .await;
        assert!(
            matches!(
                refused,
                Err(WishError::PickupCodeWrong { attempts_left: 4 })
            ),
            "one try, however repeated"
        );
    }
    let right = once(&staff);
    wishes.hand_over(&staff, &right, id, &code).await.unwrap();
    assert!(
        wishes
            .hand_over(&staff, &right, id, &code)
            .await
            .unwrap()
            .replayed
    );
}
