//! Checking in at the van.

use chrono::TimeDelta;
use niangjia_domain::{
    checkups::{CheckIn, CheckupError, bookings::booking::BookingStatus},
    kernel::{AccessError, Clock},
    membership::standing::StandingLevel,
};
use niangjia_tests::{
    actors::once, places::DISTRICT, rows::Van, servers::database::Kind, town::CheckupTown,
};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn a_scan_needs_a_genuine_fresh_code_of_this_session(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, 3).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let staff = checkup.town.staff_in(DISTRICT).await;
    let booked = checkup.book(&worker).await.unwrap();
    let scan = async |scan: CheckIn| {
        checkup
            .town
            .services
            .checkups
            .check_in(&staff, &once(&staff), scan)
            .await
    };

    let too_early = scan(checkup.shown(&booked)).await;
    assert!(
        matches!(too_early, Err(CheckupError::CheckInClosed)),
        "two days before: {too_early:?}"
    );
    let ticket = checkup.on_the_day(&worker, &booked).await;
    let stale = scan(checkup.shown(&booked)).await;
    assert!(matches!(stale, Err(CheckupError::CodeExpired)), "{stale:?}");

    let mut text = checkup.shown(&ticket).code;
    text.replace_range(text.len() - 4.., "AAAA");
    for code in [text, booked.booking.id.to_string(), String::new()] {
        let forged = scan(CheckIn {
            code,
            ..checkup.shown(&ticket)
        })
        .await;
        assert!(
            matches!(forged, Err(CheckupError::CodeInvalid)),
            "{forged:?}"
        );
    }
    let elsewhere = Van::new(DISTRICT, 1);
    elsewhere.store(&*checkup.town.store).await;
    let elsewhere = scan(CheckIn {
        session_id: elsewhere.session.id,
        ..checkup.shown(&ticket)
    })
    .await;
    assert!(
        matches!(elsewhere, Err(CheckupError::WrongSession)),
        "{elsewhere:?}"
    );
    let future = Some(checkup.town.clock.now() + TimeDelta::hours(1));
    let future = scan(CheckIn {
        scanned_at: future,
        ..checkup.shown(&ticket)
    })
    .await;
    assert!(matches!(future, Err(CheckupError::ClockSkew)), "{future:?}");

    let scanned_at = Some(checkup.town.clock.now());
    checkup.town.clock.advance(TimeDelta::hours(8));
    let late_upload = scan(CheckIn {
        scanned_at,
        ..checkup.shown(&ticket)
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
    let checkup = CheckupTown::new(kind, 3).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let ticket = checkup.book(&worker).await.unwrap();
    checkup
        .town
        .services
        .checkups
        .cancel(&worker, ticket.booking.id)
        .await
        .unwrap();
    let scan = checkup
        .scan(&checkup.town.staff_in(DISTRICT).await, &ticket)
        .await;
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
    let checkup = CheckupTown::new(kind, 3).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let ticket = checkup.book(&worker).await.unwrap();
    let ticket = checkup.on_the_day(&worker, &ticket).await;
    let id = ticket.booking.id;

    for foreign in [
        checkup.town.staff_in("370812").await,
        checkup.town.cadre("370812"),
    ] {
        let scan = checkup.scan(&foreign, &ticket).await;
        assert!(
            matches!(scan, Err(CheckupError::Access(AccessError::NotFound))),
            "{scan:?}"
        );
        let completion = checkup.town.services.checkups.complete(&foreign, id).await;
        assert!(
            matches!(completion, Err(CheckupError::Access(AccessError::NotFound))),
            "{completion:?}"
        );
    }
    let scan = checkup.scan(&worker, &ticket).await;
    assert!(
        matches!(scan, Err(CheckupError::Access(AccessError::Forbidden))),
        "{scan:?}"
    );
    let foreign = checkup
        .town
        .services
        .checkups
        .attendance(&checkup.town.cadre("370812"), checkup.van.session.id)
        .await;
    assert!(
        matches!(foreign, Err(CheckupError::Access(AccessError::NotFound))),
        "{foreign:?}"
    );

    let cadre = checkup.town.cadre("370800");
    let early = checkup.town.services.checkups.complete(&cadre, id).await;
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
        checkup.scan(&cadre, &ticket).await.is_ok(),
        "the city's cadre covers the county"
    );
}
