//! Races over seats: many callers, two stores with pools of their own, each limit with a control
//! without its guard.

use std::{collections::HashSet, sync::Arc};

use niangjia_domain::{
    checkups::{
        CheckupError,
        bookings::booking::{Booking, BookingStatus, Visit},
    },
    kernel::{Clock, IdempotencyError, id::PersonId},
    membership::standing::StandingLevel,
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    checkup_scene::{DISTRICT, Scene, request, seat},
    checkups::Van,
    database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::Barrier;

use super::crowd::{CALLERS, storm};

const SEATS: u32 = 7;

async fn book(store: SqlStore, booking: Booking) -> bool {
    let mut tx = store.begin().await.unwrap();
    let booked = tx.bookings().add(&booking).await.unwrap()
        && tx
            .campaigns()
            .take_seat(booking.slot_id, SystemClock.now())
            .await
            .unwrap();
    if booked {
        tx.commit().await.unwrap();
    }
    booked
}

/// What a careless developer would write: look, then act. The barrier makes sure that all look
/// before one acts.
async fn book_carelessly(
    store: SqlStore,
    booking: Booking,
    room: String,
    limit: i64,
    looked: Arc<Barrier>,
) -> bool {
    let count = format!("SELECT COUNT(*) AS taken FROM checkup_bookings WHERE {room}");
    let connection = store.writer();
    let row = connection
        .query_one_raw(Statement::from_string(
            connection.get_database_backend(),
            count,
        ))
        .await;
    let taken: i64 = row.unwrap().unwrap().try_get("", "taken").unwrap();
    looked.wait().await;
    if taken < limit {
        let sql = "INSERT INTO checkup_bookings (id, campaign_id, session_id, slot_id, person_id, account_id, \
                   booked_at, consent_version, consented_at, eligibility_year, eligibility_rule, state) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, '1', $7, 2026, 'r', 'booked')";
        let ids = [
            booking.id.uuid(),
            booking.campaign_id.uuid(),
            booking.session_id.uuid(),
            booking.slot_id.uuid(),
            booking.person_id.uuid(),
            booking.account_id.uuid(),
        ];
        let values = ids
            .into_iter()
            .map(Into::into)
            .chain([booking.booked_at.into()]);
        let insert = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        connection.execute_raw(insert).await.unwrap();
    }
    taken < limit
}

async fn van(kind: Kind) -> (TestDatabase, SqlStore, SqlStore, Van) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    let van = Van::new("370811", SEATS);
    van.store(&one).await;
    (database, one, two, van)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn exactly_as_many_are_booked_as_there_are_seats(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, one, two, van) = van(kind).await;
    let booked = storm([&one, &two], |_, store| book(store, van.booking())).await;
    assert_eq!(booked, SEATS as usize);
    let mut tx = one.read().await.unwrap();
    assert_eq!(
        tx.campaigns()
            .find_slot(van.slot.id)
            .await
            .unwrap()
            .unwrap()
            .booked,
        SEATS
    );
    assert_eq!(
        tx.bookings().attendance(van.session.id).await.unwrap()[0]
            .counts
            .booked,
        SEATS
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_conditional_update_seats_are_sold_twice() {
    let (_database, one, two, van) = van(Kind::Postgres).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let room = format!("slot_id = '{}'", van.slot.id.uuid());
    let booked = storm([&one, &two], |_, store| {
        book_carelessly(
            store,
            van.booking(),
            room.clone(),
            i64::from(SEATS),
            looked.clone(),
        )
    })
    .await;
    assert!(
        booked > SEATS as usize,
        "{booked} for {SEATS} seats: the control no longer races"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_person_gets_one_seat_however_often_they_ask(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, one, two, van) = van(kind).await;
    let person = PersonId::generate(SystemClock.now(), &SystemRandom);
    let booked = storm([&one, &two], |_, store| book(store, van.booking_of(person))).await;
    assert_eq!(booked, 1);
    let slot = one
        .read()
        .await
        .unwrap()
        .campaigns()
        .find_slot(van.slot.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        slot.booked, 1,
        "the losers' seats went back with their transactions"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_unique_index_one_person_gets_many() {
    let (_database, one, two, van) = van(Kind::Postgres).await;
    one.writer()
        .execute_unprepared("DROP INDEX checkup_bookings_live")
        .await
        .unwrap();
    let person = PersonId::generate(SystemClock.now(), &SystemRandom);
    let looked = Arc::new(Barrier::new(CALLERS));
    let room = format!("person_id = '{}'", person.uuid());
    let booked = storm([&one, &two], |_, store| {
        book_carelessly(
            store,
            van.booking_of(person),
            room.clone(),
            1,
            looked.clone(),
        )
    })
    .await;
    assert!(booked > 1, "the control no longer races");
}

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
    let scene = Scene::new(kind, SEATS).await;
    let services = [scene.checkups.clone(), scene.another_process().await];
    let mut callers = Vec::new();
    for n in 0..CALLERS {
        let (service, worker) = (
            services[n % 2].clone(),
            scene.member(StandingLevel::Active).await,
        );
        let slot = scene.van.slot.id;
        callers.push(async move { service.book(&worker, &request(&worker), seat(slot)).await });
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
    let slots = scene
        .store
        .read()
        .await
        .unwrap()
        .bookings()
        .attendance(scene.van.session.id)
        .await
        .unwrap();
    assert_eq!(slots[0].counts.booked, SEATS);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_request_sent_many_times_books_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind, SEATS).await;
    let services = [scene.checkups.clone(), scene.another_process().await];
    let worker = scene.member(StandingLevel::Active).await;
    let once = request(&worker);
    let tries = (0..CALLERS).map(|n| {
        let (service, worker, once, slot) = (
            services[n % 2].clone(),
            worker.clone(),
            once.clone(),
            scene.van.slot.id,
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
    let scene = Scene::new(kind, SEATS).await;
    let worker = scene.member(StandingLevel::Active).await;
    let ticket = scene.book(&worker).await.unwrap();
    let ticket = scene.on_the_day(&worker, &ticket).await;
    let (staff, other) = (
        scene.staff_of(DISTRICT).await,
        scene.another_process().await,
    );
    let (one, two) = (request(&staff), request(&staff));
    let (one, two) = tokio::join!(
        scene.checkups.check_in(&staff, &one, scene.shown(&ticket)),
        other.check_in(&staff, &two, scene.shown(&ticket))
    );
    let (one, two) = (one.unwrap().value.visit, two.unwrap().value.visit);
    assert_eq!(one.checked_in_at, two.checked_in_at);
    assert!(
        one.repeated != two.repeated,
        "one started it, the other got its result"
    );
}
