//! Bookings against check-ins, and everybody at once.

use std::collections::HashSet;

use niangjia_domain::{
    checkups::{
        CheckupError,
        bookings::booking::{BookingStatus, Visit},
    },
    kernel::{Clock, IdempotencyError},
    membership::standing::StandingLevel,
    store::Store,
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    actors::once,
    places::DISTRICT,
    servers::database::Kind,
    town::{CheckupTown, seat},
};
use rstest::rstest;

use super::{SEATS, book, van};
use crate::crowd::{CALLERS, storm};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_booking_is_either_cancelled_or_checked_in(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, one, two, van) = van(kind).await;
    let booking = van.booking();
    assert!(book(one.clone(), booking.clone()).await);
    let cancelled = booking
        .clone()
        .cancel(van.slot.starts_at, SystemClock.now())
        .unwrap();
    let visit = Visit {
        at: SystemClock.now(),
        scanned_by: booking.account_id,
    };
    let visited = booking.clone().check_in(visit).unwrap();
    let saved = storm([&one, &two], |n, store| {
        let next = if n % 4 < 2 {
            cancelled.clone()
        } else {
            visited.clone()
        };
        async move {
            let mut tx = store.begin().await.unwrap();
            let saved = tx
                .bookings()
                .save(&next, BookingStatus::Booked)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            saved
        }
    })
    .await;
    assert_eq!(saved, 1);
}

/// The whole use case: standing, idempotency, audit, outbox and seats in one transaction each.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_members_fills_the_slot_and_no_more(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, SEATS).await;
    let services = [
        checkup.town.services.checkups.clone(),
        checkup.town.another_process().await.checkups,
    ];
    let mut callers = Vec::new();
    for n in 0..CALLERS {
        let (service, worker) = (
            services[n % 2].clone(),
            checkup.town.member(StandingLevel::Active).await,
        );
        let slot = checkup.van.slot.id;
        callers.push(async move { service.book(&worker, &once(&worker), seat(slot)).await });
    }
    let mut booked = 0;
    for caller in callers.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        match caller.await.unwrap() {
            Ok(_) => booked += 1,
            Err(CheckupError::SlotFull) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(booked, SEATS);
    let slots = checkup
        .town
        .store
        .read()
        .await
        .unwrap()
        .bookings()
        .attendance(checkup.van.session.id)
        .await
        .unwrap();
    assert_eq!(slots[0].counts.booked, SEATS);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_request_sent_many_times_books_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, SEATS).await;
    let services = [
        checkup.town.services.checkups.clone(),
        checkup.town.another_process().await.checkups,
    ];
    let worker = checkup.town.member(StandingLevel::Active).await;
    let once = once(&worker);
    let tries = (0..CALLERS).map(|n| {
        let (service, worker, once, slot) = (
            services[n % 2].clone(),
            worker.clone(),
            once.clone(),
            checkup.van.slot.id,
        );
        tokio::spawn(async move { service.book(&worker, &once, seat(slot)).await })
    });
    let (mut ids, mut fresh) = (HashSet::new(), 0);
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(answer) => {
                fresh += usize::from(!answer.replayed);
                ids.insert(answer.value.booking.id);
            }
            Err(CheckupError::Idempotency(IdempotencyError::InFlight)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((ids.len(), fresh), (1, 1));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_scanners_start_one_visit(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let checkup = CheckupTown::new(kind, SEATS).await;
    let worker = checkup.town.member(StandingLevel::Active).await;
    let ticket = checkup.book(&worker).await.unwrap();
    let ticket = checkup.on_the_day(&worker, &ticket).await;
    let (staff, other) = (
        checkup.town.staff_in(DISTRICT).await,
        checkup.town.another_process().await.checkups,
    );
    let (one, two) = (once(&staff), once(&staff));
    let (one, two) = tokio::join!(
        checkup
            .town
            .services
            .checkups
            .check_in(&staff, &one, checkup.shown(&ticket)),
        other.check_in(&staff, &two, checkup.shown(&ticket))
    );
    let (one, two) = (one.unwrap().value.visit, two.unwrap().value.visit);
    assert_eq!(one.checked_in_at, two.checked_in_at);
    assert!(
        one.repeated != two.repeated,
        "one started it, the other got its result"
    );
}
