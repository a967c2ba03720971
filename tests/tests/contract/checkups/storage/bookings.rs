//! Seats and who holds them.

use niangjia_domain::{
    checkups::bookings::booking::BookingStatus,
    kernel::{Clock, Jurisdiction, id::PersonId},
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::{places::DISTRICT, servers::database::Kind};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{district, page, visited, visited_as_stored, with_van};

#[rstest]
#[tokio::test]
async fn seats_end_at_the_capacity_and_with_the_slot(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store, van) = with_van(kind, 2).await;
    let now = SystemClock.now();
    let mut tx = store.begin().await.unwrap();
    assert!(
        !tx.campaigns().free_seat(van.slot.id).await.unwrap(),
        "nothing taken yet"
    );
    assert!(
        !tx.campaigns()
            .take_seat(van.slot.id, van.slot.ends_at)
            .await
            .unwrap(),
        "over"
    );
    for left in [true, true, false] {
        assert_eq!(
            tx.campaigns().take_seat(van.slot.id, now).await.unwrap(),
            left
        );
    }
    assert!(tx.campaigns().free_seat(van.slot.id).await.unwrap());
    assert!(tx.campaigns().take_seat(van.slot.id, now).await.unwrap());
    tx.commit().await.unwrap();
    let overbook = "UPDATE checkup_slots SET booked = booked + 1";
    assert!(
        store.writer().execute_unprepared(overbook).await.is_err(),
        "the table itself refuses"
    );
}

#[rstest]
#[tokio::test]
async fn a_person_has_one_live_booking_in_a_campaign(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store, van) = with_van(kind, 5).await;
    let booking = van.booking();
    let again = || van.booking_of(booking.person_id);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.bookings().add(&booking).await.unwrap());
    assert!(!tx.bookings().add(&again()).await.unwrap(), "booked");
    assert_eq!(
        tx.bookings().find(booking.id).await.unwrap(),
        Some(booking.clone())
    );

    let cancelled = booking
        .clone()
        .cancel(van.slot.starts_at, SystemClock.now())
        .unwrap();
    assert!(
        tx.bookings()
            .save(&cancelled, BookingStatus::Booked)
            .await
            .unwrap()
    );
    assert!(
        !tx.bookings()
            .save(&cancelled, BookingStatus::Booked)
            .await
            .unwrap(),
        "it is no longer booked"
    );
    let second = again();
    assert!(
        tx.bookings().add(&second).await.unwrap(),
        "the first one is not live any more"
    );
    assert!(
        tx.bookings()
            .save(&visited(&second), BookingStatus::Booked)
            .await
            .unwrap()
    );
    assert!(!tx.bookings().add(&again()).await.unwrap(), "checked in");
    assert_eq!(
        tx.bookings().find(booking.id).await.unwrap(),
        Some(cancelled)
    );
    assert_eq!(
        tx.bookings().find(second.id).await.unwrap(),
        Some(visited_as_stored(&mut *tx, &second).await)
    );
}

#[rstest]
#[tokio::test]
async fn bookings_are_found_by_their_person_or_inside_an_area(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store, van) = with_van(kind, 5).await;
    let booking = van.booking();
    let stranger = PersonId::generate(SystemClock.now(), &SystemRandom);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.bookings().add(&booking).await.unwrap());
    assert!(
        tx.bookings()
            .find_of(booking.person_id, booking.id)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        tx.bookings()
            .find_of(stranger, booking.id)
            .await
            .unwrap()
            .is_none()
    );
    for (code, seen) in [(DISTRICT, true), ("370812", false)] {
        let areas = [Jurisdiction::District(district(code))];
        assert_eq!(
            tx.bookings()
                .find_within(booking.id, &areas)
                .await
                .unwrap()
                .is_some(),
            seen,
            "{code}"
        );
    }
    let mine = tx
        .bookings()
        .list_of(booking.person_id, page(10))
        .await
        .unwrap()
        .items;
    assert_eq!(mine.len(), 1);
    assert_eq!(
        (mine[0].id, mine[0].slot.id, mine[0].session.id),
        (booking.id, van.slot.id, van.session.id)
    );
    assert!(
        tx.bookings()
            .list_of(stranger, page(10))
            .await
            .unwrap()
            .items
            .is_empty()
    );
}
