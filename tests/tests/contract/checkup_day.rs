//! The use cases of health checks, from plan to completion, against both databases.

use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_domain::{
    audit::AuditQuery,
    checkups::{
        BookSeat, BrowseSessions, CheckIn, CheckupError,
        bookings::booking::BookingStatus,
        sessions::{campaign::CampaignPlan, session::SessionPlan, slot::SlotPlan},
    },
    kernel::{
        AccessError, Actor, Clock, DistrictCode, Foundation, Id, Invalid, PageRequest, Place,
    },
    membership::{
        consents::consent::{Consent, ConsentAct, ConsentPurpose},
        standing::StandingLevel,
    },
    notices::NoticeService,
    outbox::Dispatcher,
    store::Store,
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    checkup_scene::{DISTRICT, Scene, request, seat},
    checkups::Van,
    database::Kind,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

const PAGE: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

fn codes(error: CheckupError) -> Vec<&'static str> {
    match error {
        CheckupError::Invalid(Invalid { errors }) => {
            errors.iter().map(|error| error.code).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn bookable(scene: &Scene) -> u32 {
    scene
        .checkups
        .session(scene.van.session.id)
        .await
        .unwrap()
        .slots[0]
        .bookable
}

async fn inbox(scene: &Scene, owner: &Actor) -> Vec<String> {
    let store: Arc<dyn Store> = Arc::new(scene.store.clone());
    let (clock, random) = (scene.clock.clone(), Arc::new(SystemRandom));
    Dispatcher {
        store: store.clone(),
        clock: clock.clone(),
        channels: niangjia_api::wiring::channels(),
    }
    .run_once(100)
    .await
    .unwrap();
    let notices = NoticeService {
        foundation: Foundation {
            store,
            clock,
            random,
        },
    }
    .inbox(owner, PAGE)
    .await
    .unwrap();
    notices
        .items
        .into_iter()
        .rev()
        .map(|notice| notice.topic)
        .collect()
}

#[rstest]
#[tokio::test]
async fn a_member_books_comes_and_is_done_for_the_year(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let worker = scene.member(StandingLevel::Active).await;
    let staff = scene.staff_of(DISTRICT).await;
    assert_eq!(bookable(&scene).await, 3);
    let ticket = scene.book(&worker).await.unwrap();
    assert_eq!(
        (ticket.booking.status, bookable(&scene).await),
        (BookingStatus::Booked, 2)
    );

    let ticket = scene.on_the_day(&worker, &ticket).await;
    let first = scene.scan(&staff, &ticket).await.unwrap().value;
    assert_eq!(
        (first.visit.booking.status, first.visit.repeated),
        (BookingStatus::CheckedIn, false)
    );
    assert!(
        first.name_masked.ends_with("**") && first.name_masked.chars().count() == 3,
        "{}",
        first.name_masked
    );

    scene.clock.advance(TimeDelta::minutes(40));
    let again = scene.scan(&staff, &ticket).await.unwrap().value;
    assert!(
        again.visit.repeated,
        "a replayed scan, even with a stale code, gets the first result"
    );
    assert_eq!(again.visit.checked_in_at, first.visit.checked_in_at);

    let done = scene
        .checkups
        .complete(&staff, ticket.booking.id)
        .await
        .unwrap();
    assert_eq!(done.status, BookingStatus::Completed);
    let twice = scene.checkups.complete(&staff, ticket.booking.id).await;
    assert!(
        matches!(
            twice,
            Err(CheckupError::WrongState {
                is: BookingStatus::Completed
            })
        ),
        "{twice:?}"
    );
    let mine = scene
        .checkups
        .bookings_of(&worker, PAGE)
        .await
        .unwrap()
        .items;
    assert_eq!(
        (mine.len(), mine[0].booking.status, mine[0].code.clone()),
        (1, BookingStatus::Completed, None)
    );
    assert_eq!(
        inbox(&scene, &worker).await,
        ["checkup_booked", "checkup_completed"]
    );

    let cadre = scene.cadre_of(DISTRICT);
    let total = scene
        .checkups
        .attendance(&cadre, scene.van.session.id)
        .await
        .unwrap()
        .total();
    assert_eq!(
        (
            total.booked,
            total.checked_in,
            total.completed,
            total.cancelled
        ),
        (0, 0, 1, 0)
    );

    let next = Van::new(DISTRICT, 3);
    next.store(&scene.store).await;
    let second = scene
        .checkups
        .book(&worker, &request(&worker), seat(next.slot.id))
        .await;
    assert!(
        matches!(second, Err(CheckupError::NotEligibleThisYear { year }) if year == scene.van.year()),
        "{second:?}"
    );
}

#[rstest]
#[tokio::test]
async fn every_step_leaves_a_line_in_the_audit_trail(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let (worker, quitter) = (
        scene.member(StandingLevel::Active).await,
        scene.member(StandingLevel::Active).await,
    );
    let staff = scene.staff_of(DISTRICT).await;
    let booking = scene.book(&quitter).await.unwrap().booking.id;
    scene.checkups.cancel(&quitter, booking).await.unwrap();
    let ticket = scene.book(&worker).await.unwrap();
    let ticket = scene.on_the_day(&worker, &ticket).await;
    scene.scan(&staff, &ticket).await.unwrap();
    scene
        .checkups
        .complete(&staff, ticket.booking.id)
        .await
        .unwrap();

    let area = scene.cadre_of(DISTRICT).require_reader().unwrap();
    let lines = scene
        .store
        .read()
        .await
        .unwrap()
        .audit()
        .list(&area, &AuditQuery::default(), PAGE)
        .await
        .unwrap()
        .items;
    let actions: Vec<_> = lines
        .iter()
        .rev()
        .map(|line| line.action.as_str())
        .collect();
    for action in [
        "checkup.booked",
        "checkup.cancelled",
        "checkup.checked_in",
        "checkup.completed",
    ] {
        let expected = if action == "checkup.booked" { 2 } else { 1 };
        assert_eq!(
            actions.iter().filter(|one| **one == action).count(),
            expected,
            "{action} in {actions:?}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn only_accepted_members_book(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind, 3).await;
    let stranger = scene.book(&scene.stranger()).await;
    assert!(
        matches!(stranger, Err(CheckupError::NotAMember)),
        "{stranger:?}"
    );
    let newcomer = scene
        .book(&scene.member(StandingLevel::Provisional).await)
        .await;
    assert!(
        matches!(newcomer, Err(CheckupError::InThePool)),
        "{newcomer:?}"
    );
    assert_eq!(bookable(&scene).await, 3);
}

#[rstest]
#[tokio::test]
async fn a_repeated_request_gets_its_booking_again_with_a_code_that_works(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let worker = scene.member(StandingLevel::Active).await;
    let (first_try, wanted) = (request(&worker), || seat(scene.van.slot.id));
    let first = scene
        .checkups
        .book(&worker, &first_try, wanted())
        .await
        .unwrap();
    scene.clock.set(scene.van.slot.starts_at);
    let again = scene
        .checkups
        .book(&worker, &first_try, wanted())
        .await
        .unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.value.booking, again.value.booking);
    assert_ne!(
        first.value.code, again.value.code,
        "codes are made for each answer"
    );

    let connection = scene.store.writer();
    let stored = Statement::from_string(
        connection.get_database_backend(),
        "SELECT answer FROM idempotency_keys",
    );
    for row in connection.query_all_raw(stored).await.unwrap() {
        let answer: serde_json::Value = row.try_get("", "answer").unwrap();
        assert!(!answer.to_string().contains("NC1."), "no code is kept");
    }
    let staff = scene.staff_of(DISTRICT).await;
    assert!(scene.scan(&staff, &again.value).await.is_ok());

    let other_request = scene.book(&worker).await;
    assert!(
        matches!(other_request, Err(CheckupError::AlreadyBooked)),
        "{other_request:?}"
    );
    assert_eq!(
        scene
            .checkups
            .session(scene.van.session.id)
            .await
            .unwrap()
            .slots[0]
            .bookable,
        2
    );
}

#[rstest]
#[tokio::test]
async fn a_full_or_finished_slot_takes_nobody(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind, 1).await;
    scene
        .book(&scene.member(StandingLevel::Active).await)
        .await
        .unwrap();
    let late = scene.member(StandingLevel::Active).await;
    let full = scene.book(&late).await;
    assert!(matches!(full, Err(CheckupError::SlotFull)), "{full:?}");
    assert!(
        scene
            .checkups
            .bookings_of(&late, PAGE)
            .await
            .unwrap()
            .items
            .is_empty(),
        "nothing of it is left"
    );
    scene.clock.set(scene.van.slot.ends_at);
    let over = scene.book(&late).await;
    assert!(matches!(over, Err(CheckupError::SlotOver)), "{over:?}");
    assert_eq!(bookable(&scene).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_seat_goes_back_up_to_a_day_before(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind, 1).await;
    let (worker, other) = (
        scene.member(StandingLevel::Active).await,
        scene.member(StandingLevel::Active).await,
    );
    let id = scene.book(&worker).await.unwrap().booking.id;
    let not_mine = scene.checkups.cancel(&other, id).await;
    assert!(
        matches!(not_mine, Err(CheckupError::Access(AccessError::NotFound))),
        "{not_mine:?}"
    );

    assert_eq!(
        scene.checkups.cancel(&worker, id).await.unwrap().status,
        BookingStatus::Cancelled
    );
    let twice = scene.checkups.cancel(&worker, id).await;
    assert!(
        matches!(
            twice,
            Err(CheckupError::WrongState {
                is: BookingStatus::Cancelled
            })
        ),
        "{twice:?}"
    );
    assert_eq!(bookable(&scene).await, 1, "given back once");

    let id = scene.book(&worker).await.unwrap().booking.id;
    scene
        .clock
        .set(scene.van.slot.starts_at - TimeDelta::hours(24) + TimeDelta::seconds(1));
    let late = scene.checkups.cancel(&worker, id).await;
    assert!(
        matches!(late, Err(CheckupError::TooLateToCancel)),
        "{late:?}"
    );
    assert_eq!(bookable(&scene).await, 0);
}

#[rstest]
#[tokio::test]
async fn health_data_needs_a_consent_that_is_in_force(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let worker = scene.member(StandingLevel::Active).await;
    let outdated = BookSeat {
        consent_version: "0".to_owned(),
        package: Some("豪华".to_owned()),
        ..seat(scene.van.slot.id)
    };
    let refused = scene
        .checkups
        .book(&worker, &request(&worker), outdated)
        .await
        .unwrap_err();
    assert_eq!(codes(refused), ["consent_outdated", "package_unknown"]);

    let purpose = ConsentPurpose::HealthData;
    let ticket = scene.book(&worker).await.unwrap();
    let mut tx = scene.store.begin().await.unwrap();
    let given = tx
        .consents()
        .in_force(worker.account_id, purpose)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(given.version, "1");
    let id = Id::generate(scene.clock.now() + TimeDelta::seconds(1), &SystemRandom);
    tx.consents()
        .append(&Consent {
            id,
            act: ConsentAct::Withdrawn,
            ..given
        })
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let ticket = scene.on_the_day(&worker, &ticket).await;
    let scan = scene.scan(&scene.staff_of(DISTRICT).await, &ticket).await;
    assert!(
        matches!(scan, Err(CheckupError::ConsentWithdrawn)),
        "{scan:?}"
    );
}

#[rstest]
#[tokio::test]
async fn a_scan_needs_a_genuine_fresh_code_of_this_session(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let worker = scene.member(StandingLevel::Active).await;
    let staff = scene.staff_of(DISTRICT).await;
    let booked = scene.book(&worker).await.unwrap();
    let scan = async |scan: CheckIn| {
        scene
            .checkups
            .check_in(&staff, &request(&staff), scan)
            .await
    };

    let too_early = scan(scene.shown(&booked)).await;
    assert!(
        matches!(too_early, Err(CheckupError::CheckInClosed)),
        "two days before: {too_early:?}"
    );
    let ticket = scene.on_the_day(&worker, &booked).await;
    let stale = scan(scene.shown(&booked)).await;
    assert!(matches!(stale, Err(CheckupError::CodeExpired)), "{stale:?}");

    let mut text = scene.shown(&ticket).code;
    text.replace_range(text.len() - 4.., "AAAA");
    for code in [text, booked.booking.id.to_string(), String::new()] {
        let forged = scan(CheckIn {
            code,
            ..scene.shown(&ticket)
        })
        .await;
        assert!(
            matches!(forged, Err(CheckupError::CodeInvalid)),
            "{forged:?}"
        );
    }
    let elsewhere = Van::new(DISTRICT, 1);
    elsewhere.store(&scene.store).await;
    let elsewhere = scan(CheckIn {
        session_id: elsewhere.session.id,
        ..scene.shown(&ticket)
    })
    .await;
    assert!(
        matches!(elsewhere, Err(CheckupError::WrongSession)),
        "{elsewhere:?}"
    );
    let future = Some(scene.clock.now() + TimeDelta::hours(1));
    let future = scan(CheckIn {
        scanned_at: future,
        ..scene.shown(&ticket)
    })
    .await;
    assert!(matches!(future, Err(CheckupError::ClockSkew)), "{future:?}");

    let scanned_at = Some(scene.clock.now());
    scene.clock.advance(TimeDelta::hours(8));
    let late_upload = scan(CheckIn {
        scanned_at,
        ..scene.shown(&ticket)
    })
    .await
    .unwrap()
    .value;
    assert_eq!(
        Some(late_upload.visit.checked_in_at),
        scanned_at,
        "judged by the time of the scan"
    );
}

#[rstest]
#[tokio::test]
async fn a_cancelled_booking_cannot_check_in(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind, 3).await;
    let worker = scene.member(StandingLevel::Active).await;
    let ticket = scene.book(&worker).await.unwrap();
    scene
        .checkups
        .cancel(&worker, ticket.booking.id)
        .await
        .unwrap();
    let scan = scene.scan(&scene.staff_of(DISTRICT).await, &ticket).await;
    assert!(
        matches!(
            scan,
            Err(CheckupError::WrongState {
                is: BookingStatus::Cancelled
            })
        ),
        "{scan:?}"
    );
}

#[rstest]
#[tokio::test]
async fn only_those_on_duty_there_check_people_in(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let worker = scene.member(StandingLevel::Active).await;
    let ticket = scene.book(&worker).await.unwrap();
    let ticket = scene.on_the_day(&worker, &ticket).await;
    let id = ticket.booking.id;

    for foreign in [scene.staff_of("370812").await, scene.cadre_of("370812")] {
        let scan = scene.scan(&foreign, &ticket).await;
        assert!(
            matches!(scan, Err(CheckupError::Access(AccessError::NotFound))),
            "{scan:?}"
        );
        let completion = scene.checkups.complete(&foreign, id).await;
        assert!(
            matches!(completion, Err(CheckupError::Access(AccessError::NotFound))),
            "{completion:?}"
        );
    }
    let scan = scene.scan(&worker, &ticket).await;
    assert!(
        matches!(scan, Err(CheckupError::Access(AccessError::Forbidden))),
        "{scan:?}"
    );
    let foreign = scene
        .checkups
        .attendance(&scene.cadre_of("370812"), scene.van.session.id)
        .await;
    assert!(
        matches!(foreign, Err(CheckupError::Access(AccessError::NotFound))),
        "{foreign:?}"
    );

    let cadre = scene.cadre_of("370800");
    let early = scene.checkups.complete(&cadre, id).await;
    assert!(
        matches!(
            early,
            Err(CheckupError::WrongState {
                is: BookingStatus::Booked
            })
        ),
        "{early:?}"
    );
    assert!(
        scene.scan(&cadre, &ticket).await.is_ok(),
        "the city's cadre covers the county"
    );
}

#[rstest]
#[tokio::test]
async fn cadres_plan_inside_their_district_and_campaign(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, 3).await;
    let date = scene.van.session.date;
    let district = |code| DistrictCode::parse(code).unwrap();
    let campaign = |code| CampaignPlan {
        name: "秋季体检".to_owned(),
        district: district(code),
        from: date,
        to: date,
    };
    let van = |code, date| SessionPlan {
        district: district(code),
        place: "演示广场".to_owned(),
        location: Place::new(116.6, 35.4).unwrap(),
        date,
        vehicle: "体检车 2 号".to_owned(),
        packages: Vec::new(),
    };
    let slots = [SlotPlan {
        start: scene.van.slot.starts_at,
        end: scene.van.slot.ends_at,
        capacity: 40,
    }];
    let (city, county) = (scene.cadre_of("370800"), scene.cadre_of(DISTRICT));

    let outside = scene
        .checkups
        .open_campaign(&county, campaign("370812"))
        .await;
    assert!(
        matches!(outside, Err(CheckupError::Access(AccessError::Forbidden))),
        "{outside:?}"
    );
    let whole_city = scene
        .checkups
        .open_campaign(&city, campaign("370800"))
        .await
        .unwrap()
        .id;
    assert_eq!(
        scene
            .checkups
            .campaigns(&county, PAGE)
            .await
            .unwrap()
            .items
            .len(),
        1,
        "the county's own"
    );

    let plan = async |who: &Actor, van| {
        scene
            .checkups
            .schedule_session(who, whole_city, van, &slots)
            .await
    };
    let session = plan(&county, van(DISTRICT, date)).await.unwrap();
    assert_eq!(session.slots[0].bookable, 40);
    let next_door = plan(&county, van("370812", date)).await;
    assert!(
        matches!(next_door, Err(CheckupError::Access(AccessError::Forbidden))),
        "{next_door:?}"
    );
    let wrong_day = plan(&county, van(DISTRICT, date + TimeDelta::days(1)))
        .await
        .unwrap_err();
    assert_eq!(codes(wrong_day), ["date_outside_campaign"]);

    let wanted = BrowseSessions {
        near: Place::new(116.6, 35.4).ok(),
        ..BrowseSessions::default()
    };
    let found = scene.checkups.sessions(&wanted, PAGE).await.unwrap().items;
    assert_eq!(
        found.iter().map(|one| one.session.id).collect::<Vec<_>>(),
        [session.session.id, scene.van.session.id]
    );
    assert_eq!(found[0].distance_metres, Some(0));
    let backwards = BrowseSessions {
        to: Some(date - TimeDelta::days(30)),
        ..wanted
    };
    assert_eq!(
        codes(scene.checkups.sessions(&backwards, PAGE).await.unwrap_err()),
        ["date_order"]
    );
}
