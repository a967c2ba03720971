//! Pick-up codes, the staff who ask for them, and thanks.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Clock},
    wishes::{Shown, WishError, moderation::text_check::Verdict, wish::status::WishStatus},
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{actors::once, servers::database::Kind, town::Town};
use rstest::rstest;

use super::{is_not_found, other_than, thanks};

#[rstest]
#[tokio::test]
async fn five_wrong_codes_lock_the_handover_for_a_while(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (worker, donor, staff) = (
        town.worker().await,
        town.donor().await,
        town.another_staff().await,
    );
    let (id, code) = town.wish_at_station(&worker, &donor).await;
    let wrong = other_than(&code);
    for left in [4, 3, 2, 1, 0] {
        let refused = town
            .services
            .wishes
            .hand_over(&staff, &once(&staff), id, &wrong)
            .await;
        assert!(
            matches!(refused, Err(WishError::PickupCodeWrong { attempts_left }) if attempts_left == left)
        );
    }
    let locked = town
        .services
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await;
    assert!(matches!(
        locked,
        Err(WishError::PickupCodeLocked { wait_s: 900..=901 })
    ));
    town.clock.advance(TimeDelta::minutes(15));
    town.services
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn only_staff_of_this_station_who_are_not_the_donor_hand_over(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (worker, generous) = (town.worker().await, town.another_staff().await);
    let (id, code) = town.wish_at_station(&worker, &generous).await;
    let own = town
        .services
        .wishes
        .hand_over(&generous, &once(&generous), id, &code)
        .await;
    assert!(matches!(own, Err(WishError::HandoverByDonor)));
    let donor = town.donor().await;
    let by_donor = town
        .services
        .wishes
        .hand_over(&donor, &once(&donor), id, &code)
        .await;
    assert!(matches!(
        by_donor,
        Err(WishError::Access(AccessError::Forbidden))
    ));

    let mut elsewhere = town.donor().await;
    let other_station =
        niangjia_domain::kernel::id::StationId::generate(town.clock.now(), &SystemRandom);
    elsewhere
        .grants
        .push(niangjia_domain::kernel::Grant::StationStaff(other_station));
    let foreign = town
        .services
        .wishes
        .hand_over(&elsewhere, &once(&elsewhere), id, &code)
        .await;
    assert!(is_not_found(&foreign.unwrap_err()));
    let claim = town.stored_wish(id).await.taken().unwrap().claim_id;
    let foreign = town
        .services
        .wishes
        .arrive(&elsewhere, &once(&elsewhere), claim)
        .await;
    assert!(is_not_found(&foreign.unwrap_err()));
    assert!(matches!(
        town.services
            .wishes
            .thank(&worker, id, &thanks("谢谢"))
            .await,
        Err(WishError::WishState { .. })
    ));
}

#[rstest]
#[tokio::test]
async fn thanks_are_shown_only_as_far_as_they_passed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (worker, donor, staff) = (
        town.worker().await,
        town.donor().await,
        town.another_staff().await,
    );
    let (id, code) = town.wish_at_station(&worker, &donor).await;
    town.services
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await
        .unwrap();
    let thank = async |verdict| {
        town.text_check.says(verdict);
        town.services
            .wishes
            .thank(&worker, id, &thanks("谢谢您"))
            .await
    };
    assert!(matches!(
        thank(Some(Verdict::Risky)).await,
        Err(WishError::Invalid(_))
    ));
    assert!(matches!(
        thank(None).await,
        Err(WishError::TextCheckUnavailable)
    ));
    assert_eq!(
        town.stored_wish(id).await.status(),
        WishStatus::HandedOver,
        "nothing was kept"
    );
    thank(Some(Verdict::Review)).await.unwrap();
    let Shown::Public(public) = town.services.wishes.show(None, id).await.unwrap() else {
        panic!()
    };
    assert_eq!(public.thanks, None, "not before a human has looked");
    let Shown::Own(own) = town.services.wishes.show(Some(&worker), id).await.unwrap() else {
        panic!()
    };
    assert_eq!(own.thanks.unwrap().message.as_deref(), Some("谢谢您"));
}
