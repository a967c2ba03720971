//! The use cases of wishes on both databases, from submission to thanks, with every refusal on the
//! way.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Clock, Phone, id::UploadId},
    wishes::{
        ClaimForm, Shown, ThanksForm, WishDecision, WishError, WishForm,
        claims::wish_claim::{ClaimStatus, Parcel},
        moderation::text_check::Verdict,
        ports::WallFilter,
        wish::status::WishStatus,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    database::Kind,
    wish_scene::{DISTRICT, Scene, once},
};
use rstest::rstest;

const FIRST: niangjia_domain::kernel::PageRequest = niangjia_domain::kernel::PageRequest {
    limit: 10,
    after: None,
};

fn wall() -> WallFilter {
    WallFilter {
        district: None,
        category: None,
        status: WishStatus::Published,
    }
}

fn is_not_found(error: &WishError) -> bool {
    matches!(error, WishError::Access(AccessError::NotFound))
}

fn thanks(message: &str) -> ThanksForm {
    ThanksForm {
        message: message.to_owned(),
        photo_ids: Vec::new(),
        face_consent: false,
    }
}

#[rstest]
#[tokio::test]
async fn a_wish_goes_from_the_worker_to_thanks(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let (worker, donor, staff) = (
        scene.worker().await,
        scene.donor().await,
        scene.staff().await,
    );
    let wishes = &scene.wishes;

    let receipt = wishes
        .submit(&worker, &once(&worker), &scene.form())
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

    let published = scene
        .decide(&scene.cadre("370800"), id, WishDecision::Publish)
        .await
        .unwrap();
    assert_eq!(published.status, WishStatus::Published);
    assert_eq!(
        wishes.wall(&wall(), FIRST).await.unwrap().items.len(),
        1,
        "the wall forgot its old self"
    );

    let claim = scene.claim(&donor, id).await.unwrap();
    assert_eq!(claim.lapses_at, scene.clock.now() + TimeDelta::hours(72));
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

    let code = scene.pickup_code(&worker).await.unwrap();
    let notices = scene.inbox(&worker).await;
    assert!(notices.iter().any(|(topic, _)| topic == "wish_arrived"));
    let told_donor = scene.inbox(&donor).await;
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
    assert_eq!(scene.pickup_code(&worker).await, None);
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

    let topics: BTreeSet<_> = scene
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
    let steps = scene
        .count("SELECT COUNT(*) FROM audit_entries WHERE action LIKE 'wish.%'")
        .await;
    assert_eq!(
        steps, 7,
        "submitted, published, claimed, dispatched, arrived, handed over, thanked"
    );
}

#[rstest]
#[tokio::test]
async fn the_machine_decides_where_a_wish_goes_first(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let submit = async |verdict| {
        scene.machine.says(verdict);
        let worker = scene.worker().await;
        let receipt = scene
            .wishes
            .submit(&worker, &once(&worker), &scene.form())
            .await
            .unwrap()
            .value;
        (worker, receipt)
    };
    assert_eq!(
        submit(Some(Verdict::Pass)).await.1.status,
        WishStatus::Reviewing
    );
    assert_eq!(
        submit(Some(Verdict::Review)).await.1.status,
        WishStatus::Reviewing
    );
    let (refused, receipt) = submit(Some(Verdict::Risky)).await;
    assert_eq!(receipt.status, WishStatus::Returned);
    assert_eq!(scene.inbox(&refused).await[0].0, "wish_returned");
    scene.machine.says(Some(Verdict::Pass));
    let again = scene
        .wishes
        .submit(&refused, &once(&refused), &scene.form())
        .await
        .unwrap()
        .value;
    assert_eq!(
        again.status,
        WishStatus::Reviewing,
        "a returned wish does not block its correction"
    );

    let (_, waiting) = submit(None).await;
    assert_eq!(waiting.status, WishStatus::Checking);
    let decided = scene
        .decide(&scene.cadre(DISTRICT), waiting.id, WishDecision::Publish)
        .await;
    assert!(
        matches!(
            decided,
            Err(WishError::WishState {
                from: WishStatus::Checking
            })
        ),
        "nothing goes unchecked"
    );
    assert_eq!(
        scene.wishes.check_pending(10).await.unwrap(),
        0,
        "still away"
    );
    scene.machine.says(Some(Verdict::Pass));
    assert_eq!(scene.wishes.check_pending(10).await.unwrap(), 1);
    assert_eq!(
        scene.stored(waiting.id).await.status(),
        WishStatus::Reviewing
    );

    let (_, forgotten) = submit(None).await;
    scene.clock.advance(TimeDelta::hours(24));
    assert_eq!(
        scene.wishes.check_pending(10).await.unwrap(),
        1,
        "after a day a human looks"
    );
    assert_eq!(
        scene.stored(forgotten.id).await.status(),
        WishStatus::Reviewing
    );
}

#[rstest]
#[tokio::test]
async fn wishing_has_its_conditions(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let submit =
        async |actor, form: &WishForm| scene.wishes.submit(actor, &once(actor), form).await;

    let stranger = scene.donor().await;
    assert!(matches!(
        submit(&stranger, &scene.form()).await,
        Err(WishError::StandingInsufficient)
    ));
    let former = scene.worker().await;
    scene
        .execute("UPDATE memberships SET status = 'withdrawn'", [])
        .await;
    assert!(matches!(
        submit(&former, &scene.form()).await,
        Err(WishError::StandingInsufficient)
    ));

    let worker = scene.worker().await;
    let dear = WishForm {
        estimate_fen: 30_001,
        ..scene.form()
    };
    assert!(matches!(
        submit(&worker, &dear).await,
        Err(WishError::Invalid(_))
    ));
    let photo_ids = vec![UploadId::generate(scene.clock.now(), &SystemRandom)];
    let borrowed = WishForm {
        photo_ids,
        ..scene.form()
    };
    assert!(
        matches!(submit(&worker, &borrowed).await, Err(WishError::Invalid(_))),
        "photos must be the caller's own"
    );
    assert_eq!(scene.count("SELECT COUNT(*) FROM wishes").await, 0);

    let donor = scene.donor().await;
    let (id, code) = scene.at_station(&worker, &donor).await;
    assert!(matches!(
        submit(&worker, &scene.form()).await,
        Err(WishError::LiveWishExists)
    ));
    let staff = scene.staff().await;
    scene
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await
        .unwrap();
    let until = scene.clock.now() + TimeDelta::days(30);
    let early = submit(&worker, &scene.form()).await;
    assert!(matches!(early, Err(WishError::CoolingOff { until: told }) if told == until));
    scene.clock.advance(TimeDelta::days(30));
    submit(&worker, &scene.form()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn repetitions_get_the_first_answer(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let (worker, donor, staff) = (
        scene.worker().await,
        scene.donor().await,
        scene.staff().await,
    );
    let wishes = &scene.wishes;

    let request = once(&worker);
    let first = wishes
        .submit(&worker, &request, &scene.form())
        .await
        .unwrap();
    // Whatever the machine says by now.
    scene.machine.says(Some(Verdict::Risky));
    let again = wishes
        .submit(&worker, &request, &scene.form())
        .await
        .unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(
        (again.value.id, again.value.status),
        (first.value.id, WishStatus::Reviewing)
    );
    scene.machine.says(Some(Verdict::Pass));

    let id = first.value.id;
    scene
        .decide(&scene.cadre(DISTRICT), id, WishDecision::Publish)
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
    let code = scene.pickup_code(&worker).await.unwrap();
    assert!(
        wishes
            .arrive(&staff, &request, claim.id)
            .await
            .unwrap()
            .replayed
    );
    assert_eq!(
        scene.pickup_code(&worker).await.as_ref(),
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

fn other_than(code: &str) -> String {
    if code == "000000" {
        "000001".to_owned()
    } else {
        "000000".to_owned()
    }
}

#[rstest]
#[tokio::test]
async fn nobody_claims_their_own_wish_or_a_hidden_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (worker, donor) = (scene.worker().await, scene.donor().await);
    let id = scene.submitted(&worker).await;
    assert!(is_not_found(&scene.claim(&donor, id).await.unwrap_err()));
    assert!(is_not_found(&scene.claim(&worker, id).await.unwrap_err()));
    scene
        .decide(&scene.cadre(DISTRICT), id, WishDecision::Publish)
        .await
        .unwrap();
    assert!(matches!(
        scene.claim(&worker, id).await,
        Err(WishError::OwnWish)
    ));

    let mut second_account = scene.donor().await;
    second_account.person_id = worker.person_id;
    assert!(
        matches!(
            scene.claim(&second_account, id).await,
            Err(WishError::OwnWish)
        ),
        "same person"
    );
    let phone = Phone::parse("13800138000").unwrap();
    let same_phone = scene.donor().await;
    scene.set_phone(&worker, &phone).await;
    scene.set_phone(&same_phone, &phone).await;
    assert!(
        matches!(scene.claim(&same_phone, id).await, Err(WishError::OwnWish)),
        "same phone"
    );
    assert_eq!(
        scene.stored(id).await.status(),
        WishStatus::Published,
        "a refusal leaves nothing behind"
    );

    scene.claim(&donor, id).await.unwrap();
    let late = scene.donor().await;
    assert!(matches!(
        scene.claim(&late, id).await,
        Err(WishError::AlreadyClaimed)
    ));
    assert!(
        matches!(
            scene.wishes.withdraw(&worker, id).await,
            Err(WishError::WishState { .. })
        ),
        "frozen (W3)"
    );
}

#[rstest]
#[tokio::test]
async fn cadres_decide_in_their_area_with_reasons(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let worker = scene.worker().await;
    let id = scene.submitted(&worker).await;
    let elsewhere = scene
        .decide(&scene.cadre("370881"), id, WishDecision::Publish)
        .await;
    assert!(is_not_found(&elsewhere.unwrap_err()));
    let not_a_cadre = scene.decide(&worker, id, WishDecision::Publish).await;
    assert!(matches!(
        not_a_cadre,
        Err(WishError::Access(AccessError::Forbidden))
    ));
    let mut own = scene.cadre(DISTRICT);
    own.person_id = worker.person_id;
    assert!(matches!(
        scene.decide(&own, id, WishDecision::Publish).await,
        Err(WishError::OwnWish)
    ));
    assert!(WishDecision::parse("reject", None).is_err());
    let reject = WishDecision::parse("reject", Some("不属于帮扶范围")).unwrap();
    scene
        .decide(&scene.cadre(DISTRICT), id, reject)
        .await
        .unwrap();
    let again = scene
        .decide(&scene.cadre(DISTRICT), id, WishDecision::Publish)
        .await;
    assert!(matches!(
        again,
        Err(WishError::WishState {
            from: WishStatus::Rejected
        })
    ));
    let mine = scene.wishes.list_own(&worker, FIRST).await.unwrap().items;
    assert_eq!(mine[0].reason.as_deref(), Some("不属于帮扶范围"));
}

#[rstest]
#[tokio::test]
async fn five_wrong_codes_lock_the_handover_for_a_while(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (worker, donor, staff) = (
        scene.worker().await,
        scene.donor().await,
        scene.staff().await,
    );
    let (id, code) = scene.at_station(&worker, &donor).await;
    let wrong = other_than(&code);
    for left in [4, 3, 2, 1, 0] {
        let refused = scene
            .wishes
            .hand_over(&staff, &once(&staff), id, &wrong)
            .await;
        assert!(
            matches!(refused, Err(WishError::PickupCodeWrong { attempts_left }) if attempts_left == left)
        );
    }
    let locked = scene
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await;
    assert!(matches!(
        locked,
        Err(WishError::PickupCodeLocked { wait_s: 900..=901 })
    ));
    scene.clock.advance(TimeDelta::minutes(15));
    scene
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
    let scene = Scene::new(kind).await;
    let (worker, generous) = (scene.worker().await, scene.staff().await);
    let (id, code) = scene.at_station(&worker, &generous).await;
    let own = scene
        .wishes
        .hand_over(&generous, &once(&generous), id, &code)
        .await;
    assert!(matches!(own, Err(WishError::HandoverByDonor)));
    let donor = scene.donor().await;
    let by_donor = scene
        .wishes
        .hand_over(&donor, &once(&donor), id, &code)
        .await;
    assert!(matches!(
        by_donor,
        Err(WishError::Access(AccessError::Forbidden))
    ));

    let mut elsewhere = scene.donor().await;
    let other_station =
        niangjia_domain::kernel::id::StationId::generate(scene.clock.now(), &SystemRandom);
    elsewhere
        .grants
        .push(niangjia_domain::kernel::Grant::StationStaff(other_station));
    let foreign = scene
        .wishes
        .hand_over(&elsewhere, &once(&elsewhere), id, &code)
        .await;
    assert!(is_not_found(&foreign.unwrap_err()));
    let claim = scene.stored(id).await.taken().unwrap().claim_id;
    let foreign = scene
        .wishes
        .arrive(&elsewhere, &once(&elsewhere), claim)
        .await;
    assert!(is_not_found(&foreign.unwrap_err()));
    assert!(matches!(
        scene.wishes.thank(&worker, id, &thanks("谢谢")).await,
        Err(WishError::WishState { .. })
    ));
}

#[rstest]
#[tokio::test]
async fn a_claim_lapses_by_the_clock_but_never_on_its_way(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (idle, busy) = (scene.donor().await, scene.donor().await);
    let (forgotten, sent) = (
        scene.published(&scene.worker().await).await,
        scene.published(&scene.worker().await).await,
    );
    let stale = scene.claim(&idle, forgotten).await.unwrap();
    let claim = scene.claim(&busy, sent).await.unwrap();
    scene
        .wishes
        .dispatch(&busy, claim.id, Parcel::default())
        .await
        .unwrap();

    scene.clock.advance(TimeDelta::hours(48));
    assert_eq!(scene.wishes.remind_donors(10).await.unwrap(), 1);
    assert_eq!(scene.wishes.remind_donors(10).await.unwrap(), 0, "once");
    assert!(
        scene
            .inbox(&idle)
            .await
            .iter()
            .any(|(topic, _)| topic == "wish_claim_reminder")
    );

    scene.clock.advance(TimeDelta::hours(23));
    assert_eq!(scene.wishes.lapse_overdue(10).await.unwrap(), 0);
    scene.clock.advance(TimeDelta::hours(1));
    assert_eq!(scene.wishes.lapse_overdue(10).await.unwrap(), 1);
    assert_eq!(scene.wishes.lapse_overdue(10).await.unwrap(), 0);
    assert_eq!(
        scene.stored(forgotten).await.status(),
        WishStatus::Published
    );
    assert_eq!(scene.stored(sent).await.status(), WishStatus::InTransit);
    let late = scene
        .wishes
        .dispatch(&idle, stale.id, Parcel::default())
        .await;
    assert!(matches!(
        late,
        Err(WishError::ClaimState {
            from: ClaimStatus::Lapsed
        })
    ));
    scene.claim(&busy, forgotten).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_donor_may_give_up_until_the_parcel_is_there(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (donor, other, staff) = (
        scene.donor().await,
        scene.donor().await,
        scene.staff().await,
    );
    let id = scene.published(&scene.worker().await).await;
    let claim = scene.claim(&donor, id).await.unwrap();
    let foreign = scene.wishes.cancel(&other, claim.id, None).await;
    assert!(is_not_found(&foreign.unwrap_err()));
    let step = scene
        .wishes
        .cancel(&donor, claim.id, Some("临时出差"))
        .await
        .unwrap();
    assert_eq!(
        (step.status, step.wish_status),
        (ClaimStatus::Cancelled, WishStatus::Published)
    );

    let claim = scene.claim(&other, id).await.unwrap();
    scene
        .wishes
        .arrive(&staff, &once(&staff), claim.id)
        .await
        .unwrap();
    let late = scene.wishes.cancel(&other, claim.id, None).await;
    assert!(matches!(
        late,
        Err(WishError::WishState {
            from: WishStatus::AtStation
        })
    ));
}

#[rstest]
#[tokio::test]
async fn thanks_are_shown_only_as_far_as_they_passed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (worker, donor, staff) = (
        scene.worker().await,
        scene.donor().await,
        scene.staff().await,
    );
    let (id, code) = scene.at_station(&worker, &donor).await;
    scene
        .wishes
        .hand_over(&staff, &once(&staff), id, &code)
        .await
        .unwrap();
    let thank = async |verdict| {
        scene.machine.says(verdict);
        scene.wishes.thank(&worker, id, &thanks("谢谢您")).await
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
        scene.stored(id).await.status(),
        WishStatus::HandedOver,
        "nothing was kept"
    );
    thank(Some(Verdict::Review)).await.unwrap();
    let Shown::Public(public) = scene.wishes.show(None, id).await.unwrap() else {
        panic!()
    };
    assert_eq!(public.thanks, None, "not before a human has looked");
    let Shown::Own(own) = scene.wishes.show(Some(&worker), id).await.unwrap() else {
        panic!()
    };
    assert_eq!(own.thanks.unwrap().message.as_deref(), Some("谢谢您"));
}

#[rstest]
#[tokio::test]
async fn reports_reach_the_queue_of_the_district(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (worker, reader) = (scene.worker().await, scene.donor().await);
    let id = scene.submitted(&worker).await;
    assert!(
        is_not_found(
            &scene
                .wishes
                .report(&reader, id, "内容不实")
                .await
                .unwrap_err()
        ),
        "not public yet"
    );
    scene
        .decide(&scene.cadre(DISTRICT), id, WishDecision::Publish)
        .await
        .unwrap();
    scene.wishes.report(&reader, id, "内容不实").await.unwrap();
    assert!(matches!(
        scene.wishes.report(&reader, id, "内容不实").await,
        Err(WishError::AlreadyReported)
    ));
    let queue = scene
        .wishes
        .list_queue(&scene.cadre(DISTRICT), &Default::default(), FIRST)
        .await
        .unwrap();
    assert_eq!(queue.items[0].reports, 1);
    assert!(
        scene
            .wishes
            .list_queue(&reader, &Default::default(), FIRST)
            .await
            .is_err()
    );
}

#[rstest]
#[tokio::test]
async fn a_withdrawn_wish_leaves_the_wall_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let (worker, other) = (scene.worker().await, scene.worker().await);
    let id = scene.published(&worker).await;
    assert_eq!(
        scene.wishes.wall(&wall(), FIRST).await.unwrap().items.len(),
        1
    );
    assert!(matches!(
        scene.wishes.show(None, id).await.unwrap(),
        Shown::Public(_)
    ));
    assert!(is_not_found(
        &scene.wishes.withdraw(&other, id).await.unwrap_err()
    ));
    scene.wishes.withdraw(&worker, id).await.unwrap();
    assert!(
        scene
            .wishes
            .wall(&wall(), FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(is_not_found(
        &scene.wishes.show(None, id).await.unwrap_err()
    ));
    scene.submitted(&worker).await;
}
