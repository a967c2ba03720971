//! Claims of donors: refused, lapsed, given up.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::Phone,
    wishes::{
        WishDecision, WishError,
        claims::wish_claim::{ClaimStatus, Parcel},
        wish::status::WishStatus,
    },
};
use niangjia_tests::{actors::once, places::DISTRICT, servers::database::Kind, town::Town};
use rstest::rstest;

use super::is_not_found;

#[rstest]
#[tokio::test]
async fn nobody_claims_their_own_wish_or_a_hidden_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (worker, donor) = (town.worker().await, town.donor().await);
    let id = town.submitted_wish(&worker).await;
    assert!(is_not_found(
        &town.claim_wish(&donor, id).await.unwrap_err()
    ));
    assert!(is_not_found(
        &town.claim_wish(&worker, id).await.unwrap_err()
    ));
    town.decide_on_wish(&town.cadre(DISTRICT), id, WishDecision::Publish)
        .await
        .unwrap();
    assert!(matches!(
        town.claim_wish(&worker, id).await,
        Err(WishError::OwnWish)
    ));

    let mut second_account = town.donor().await;
    second_account.person_id = worker.person_id;
    assert!(
        matches!(
            town.claim_wish(&second_account, id).await,
            Err(WishError::OwnWish)
        ),
        "same person"
    );
    let phone = Phone::parse("13800138000").unwrap();
    let same_phone = town.donor().await;
    town.set_phone(&worker, &phone).await;
    town.set_phone(&same_phone, &phone).await;
    assert!(
        matches!(
            town.claim_wish(&same_phone, id).await,
            Err(WishError::OwnWish)
        ),
        "same phone"
    );
    assert_eq!(
        town.stored_wish(id).await.status(),
        WishStatus::Published,
        "a refusal leaves nothing behind"
    );

    town.claim_wish(&donor, id).await.unwrap();
    let late = town.donor().await;
    assert!(matches!(
        town.claim_wish(&late, id).await,
        Err(WishError::AlreadyClaimed)
    ));
    assert!(
        matches!(
            town.services.wishes.withdraw(&worker, id).await,
            Err(WishError::WishState { .. })
        ),
        "frozen (W3)"
    );
}

#[rstest]
#[tokio::test]
async fn a_claim_lapses_by_the_clock_but_never_on_its_way(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (idle, busy) = (town.donor().await, town.donor().await);
    let (forgotten, sent) = (
        town.published_wish(&town.worker().await).await,
        town.published_wish(&town.worker().await).await,
    );
    let stale = town.claim_wish(&idle, forgotten).await.unwrap();
    let claim = town.claim_wish(&busy, sent).await.unwrap();
    town.services
        .wishes
        .dispatch(&busy, claim.id, Parcel::default())
        .await
        .unwrap();

    town.clock.advance(TimeDelta::hours(48));
    assert_eq!(town.services.wishes.remind_donors(10).await.unwrap(), 1);
    assert_eq!(
        town.services.wishes.remind_donors(10).await.unwrap(),
        0,
        "once"
    );
    assert!(
        town.inbox(&idle)
            .await
            .iter()
            .any(|(topic, _)| topic == "wish_claim_reminder")
    );

    town.clock.advance(TimeDelta::hours(23));
    assert_eq!(town.services.wishes.lapse_overdue(10).await.unwrap(), 0);
    town.clock.advance(TimeDelta::hours(1));
    assert_eq!(town.services.wishes.lapse_overdue(10).await.unwrap(), 1);
    assert_eq!(town.services.wishes.lapse_overdue(10).await.unwrap(), 0);
    assert_eq!(
        town.stored_wish(forgotten).await.status(),
        WishStatus::Published
    );
    assert_eq!(town.stored_wish(sent).await.status(), WishStatus::InTransit);
    let late = town
        .services
        .wishes
        .dispatch(&idle, stale.id, Parcel::default())
        .await;
    assert!(matches!(
        late,
        Err(WishError::ClaimState {
            from: ClaimStatus::Lapsed
        })
    ));
    town.claim_wish(&busy, forgotten).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_donor_may_give_up_until_the_parcel_is_there(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (donor, other, staff) = (
        town.donor().await,
        town.donor().await,
        town.another_staff().await,
    );
    let id = town.published_wish(&town.worker().await).await;
    let claim = town.claim_wish(&donor, id).await.unwrap();
    let foreign = town.services.wishes.cancel(&other, claim.id, None).await;
    assert!(is_not_found(&foreign.unwrap_err()));
    let step = town
        .services
        .wishes
        .cancel(&donor, claim.id, Some("临时出差"))
        .await
        .unwrap();
    assert_eq!(
        (step.status, step.wish_status),
        (ClaimStatus::Cancelled, WishStatus::Published)
    );

    let claim = town.claim_wish(&other, id).await.unwrap();
    town.services
        .wishes
        .arrive(&staff, &once(&staff), claim.id)
        .await
        .unwrap();
    let late = town.services.wishes.cancel(&other, claim.id, None).await;
    assert!(matches!(
        late,
        Err(WishError::WishState {
            from: WishStatus::AtStation
        })
    ));
}
