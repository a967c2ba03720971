//! A check from booking to completion, and the lines it leaves in the audit trail.

use chrono::TimeDelta;
use niangjia_domain::{
    audit::AuditQuery,
    checkups::{CheckupError, bookings::booking::BookingStatus},
    membership::standing::StandingLevel,
    store::Store,
};
use niangjia_tests::{
    actors::once,
    places::DISTRICT,
    rows::Van,
    servers::database::Kind,
    town::{CheckupTown, seat},
};
use rstest::rstest;

use super::{PAGE, bookable, inbox};

#[rstest]
#[tokio::test]
async fn a_member_books_comes_and_is_done_for_the_year(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, 3).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let staff = checkup.town.staff_in(DISTRICT).await;
    assert_eq!(bookable(&checkup).await, 3);
    let ticket = checkup.book(&worker).await.unwrap();
    assert_eq!(
        (ticket.booking.status, bookable(&checkup).await),
        (BookingStatus::Booked, 2)
    );

    let ticket = checkup.on_the_day(&worker, &ticket).await;
    let first = checkup.scan(&staff, &ticket).await.unwrap().value;
    assert_eq!(
        (first.visit.booking.status, first.visit.repeated),
        (BookingStatus::CheckedIn, false)
    );
    assert!(
        first.name_masked.ends_with("**") && first.name_masked.chars().count() == 3,
        "{}",
        first.name_masked
    );

    checkup.town.clock.advance(TimeDelta::minutes(40));
    let again = checkup.scan(&staff, &ticket).await.unwrap().value;
    assert!(
        again.visit.repeated,
        "a replayed scan, even with a stale code, gets the first result"
    );
    assert_eq!(again.visit.checked_in_at, first.visit.checked_in_at);

    let done = checkup
        .town
        .services
        .checkups
        .complete(&staff, ticket.booking.id)
        .await
        .unwrap();
    assert_eq!(done.status, BookingStatus::Completed);
    let twice = checkup
        .town
        .services
        .checkups
        .complete(&staff, ticket.booking.id)
        .await;
    assert!(
        matches!(
            twice,
            Err(CheckupError::WrongState {
                is: BookingStatus::Completed
            })
        ),
        "{twice:?}"
    );
    let mine = checkup
        .town
        .services
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
        inbox(&checkup, &worker).await,
        ["checkup_booked", "checkup_completed"]
    );

    let cadre = checkup.town.cadre(DISTRICT);
    let total = checkup
        .town
        .services
        .checkups
        .attendance(&cadre, checkup.van.session.id)
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
    next.store(&*checkup.town.store).await;
    let second = checkup
        .town
        .services
        .checkups
        .book(&worker, &once(&worker), seat(next.slot.id))
        .await;
    assert!(
        matches!(second, Err(CheckupError::NotEligibleThisYear { year }) if year == checkup.van.year()),
        "{second:?}"
    );
}

#[rstest]
#[tokio::test]
async fn every_step_leaves_a_line_in_the_audit_trail(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, 3).await;
    let (worker, quitter) = (
        checkup.town.member(StandingLevel::Active).await,
        checkup.town.member(StandingLevel::Active).await,
    );
    let staff = checkup.town.staff_in(DISTRICT).await;
    let booking = checkup.book(&quitter).await.unwrap().booking.id;
    checkup
        .town
        .services
        .checkups
        .cancel(&quitter, booking)
        .await
        .unwrap();
    let ticket = checkup.book(&worker).await.unwrap();
    let ticket = checkup.on_the_day(&worker, &ticket).await;
    checkup.scan(&staff, &ticket).await.unwrap();
    checkup
        .town
        .services
        .checkups
        .complete(&staff, ticket.booking.id)
        .await
        .unwrap();

    let area = checkup.town.cadre(DISTRICT).require_reader().unwrap();
    let lines = checkup
        .town
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
