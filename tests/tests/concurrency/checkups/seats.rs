//! Seats and persons, each limit with its control.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Clock, id::PersonId},
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::servers::database::Kind;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::sync::Barrier;

use super::{SEATS, book, book_carelessly, van};
use crate::crowd::{CALLERS, storm};

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
