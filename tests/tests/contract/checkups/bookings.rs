//! Who gets a seat, and how a seat goes back.

use chrono::TimeDelta;
use niangjia_domain::{
    checkups::{BookSeat, CheckupError, bookings::booking::BookingStatus},
    kernel::{AccessError, Clock, Id},
    membership::{
        consents::consent::{Consent, ConsentAct, ConsentPurpose},
        standing::StandingLevel,
    },
    store::Store,
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    actors::{once, stranger},
    places::DISTRICT,
    servers::database::Kind,
    town::{CheckupTown, seat},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::{PAGE, bookable, codes};

#[rstest]
#[tokio::test]
async fn only_accepted_members_book(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let checkup = CheckupTown::new(kind, 3).await;
    let stranger = checkup.book(&stranger()).await;
    assert!(
        matches!(stranger, Err(CheckupError::NotAMember)),
        "{stranger:?}"
    );
    let newcomer = checkup
        .book(&checkup.town.member(StandingLevel::Provisional).await)
        .await;
    assert!(
        matches!(newcomer, Err(CheckupError::InThePool)),
        "{newcomer:?}"
    );
    assert_eq!(bookable(&checkup).await, 3);
}

#[rstest]
#[tokio::test]
async fn a_repeated_request_gets_its_booking_again_with_a_code_that_works(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, 3).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let (first_try, wanted) = (once(&worker), || seat(checkup.van.slot.id));
    let first = checkup
        .town
        .services
        .checkups
        .book(&worker, &first_try, wanted())
        .await
        .unwrap();
    checkup.town.clock.set(checkup.van.slot.starts_at);
    let again = checkup
        .town
        .services
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

    let connection = checkup.town.store.writer();
    let stored = Statement::from_string(
        connection.get_database_backend(),
        "SELECT answer FROM idempotency_keys",
    );
    for row in connection.query_all_raw(stored).await.unwrap() {
        let answer: serde_json::Value = row.try_get("", "answer").unwrap();
        assert!(!answer.to_string().contains("NC1."), "no code is kept");
    }
    let staff = checkup.town.staff_in(DISTRICT).await;
    assert!(checkup.scan(&staff, &again.value).await.is_ok());

    let other_request = checkup.book(&worker).await;
    assert!(
        matches!(other_request, Err(CheckupError::AlreadyBooked)),
        "{other_request:?}"
    );
    assert_eq!(
        checkup
            .town
            .services
            .checkups
            .session(checkup.van.session.id)
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
    let checkup = CheckupTown::new(kind, 1).await;
    checkup
        .book(&checkup.town.member(StandingLevel::Active).await)
        .await
        .unwrap();
    let late = checkup.town.member(StandingLevel::Active).await;
    let full = checkup.book(&late).await;
    assert!(matches!(full, Err(CheckupError::SlotFull)), "{full:?}");
    assert!(
        checkup
            .town
            .services
            .checkups
            .bookings_of(&late, PAGE)
            .await
            .unwrap()
            .items
            .is_empty(),
        "nothing of it is left"
    );
    checkup.town.clock.set(checkup.van.slot.ends_at);
    let over = checkup.book(&late).await;
    assert!(matches!(over, Err(CheckupError::SlotOver)), "{over:?}");
    assert_eq!(bookable(&checkup).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_seat_goes_back_up_to_a_day_before(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let checkup = CheckupTown::new(kind, 1).await;
    let (worker, other) = (
        checkup.town.member(StandingLevel::Active).await,
        checkup.town.member(StandingLevel::Active).await,
    );
    let id = checkup.book(&worker).await.unwrap().booking.id;
    let not_mine = checkup.town.services.checkups.cancel(&other, id).await;
    assert!(
        matches!(not_mine, Err(CheckupError::Access(AccessError::NotFound))),
        "{not_mine:?}"
    );

    assert_eq!(
        checkup
            .town
            .services
            .checkups
            .cancel(&worker, id)
            .await
            .unwrap()
            .status,
        BookingStatus::Cancelled
    );
    let twice = checkup.town.services.checkups.cancel(&worker, id).await;
    assert!(
        matches!(
            twice,
            Err(CheckupError::WrongState {
                is: BookingStatus::Cancelled
            })
        ),
        "{twice:?}"
    );
    assert_eq!(bookable(&checkup).await, 1, "given back once");

    let id = checkup.book(&worker).await.unwrap().booking.id;
    checkup
        .town
        .clock
        .set(checkup.van.slot.starts_at - TimeDelta::hours(24) + TimeDelta::seconds(1));
    let late = checkup.town.services.checkups.cancel(&worker, id).await;
    assert!(
        matches!(late, Err(CheckupError::TooLateToCancel)),
        "{late:?}"
    );
    assert_eq!(bookable(&checkup).await, 0);
}

#[rstest]
#[tokio::test]
async fn health_data_needs_a_consent_that_is_in_force(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, 3).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let outdated = BookSeat {
        consent_version: "0".to_owned(),
        package: Some("豪华".to_owned()),
        ..seat(checkup.van.slot.id)
    };
    let refused = checkup
        .town
        .services
        .checkups
        .book(&worker, &once(&worker), outdated)
        .await
        .unwrap_err();
    assert_eq!(codes(refused), ["consent_outdated", "package_unknown"]);

    let purpose = ConsentPurpose::HealthData;
    let ticket = checkup.book(&worker).await.unwrap();
    let mut tx = checkup.town.store.begin().await.unwrap();
    let given = tx
        .consents()
        .in_force(worker.account_id, purpose)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(given.version, "1");
    let id = Id::generate(
        checkup.town.clock.now() + TimeDelta::seconds(1),
        &SystemRandom,
    );
    tx.consents()
        .append(&Consent {
            id,
            act: ConsentAct::Withdrawn,
            ..given
        })
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let ticket = checkup.on_the_day(&worker, &ticket).await;
    let scan = checkup
        .scan(&checkup.town.staff_in(DISTRICT).await, &ticket)
        .await;
    assert!(
        matches!(scan, Err(CheckupError::ConsentWithdrawn)),
        "{scan:?}"
    );
}
