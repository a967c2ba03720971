//! Visits: once a year, counted, and named when a row makes no sense.

use niangjia_domain::{
    checkups::{
        bookings::booking::{Booking, BookingStatus},
        ports::Completion,
    },
    kernel::Clock,
    store::{Store, StoreError},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    places::DISTRICT,
    rows::{Van, slot},
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{completed, visited, with_van};

#[rstest]
#[tokio::test]
async fn a_person_completes_one_check_in_a_year(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store, van) = with_van(kind, 5).await;
    let other = Van::new(DISTRICT, 5);
    other.store(&store).await;
    let (first, second) = (van.booking(), other.booking());
    let second = Booking {
        person_id: first.person_id,
        ..second
    };

    let mut tx = store.begin().await.unwrap();
    assert!(tx.bookings().add(&first).await.unwrap());
    assert!(
        tx.bookings().add(&second).await.unwrap(),
        "another campaign"
    );
    assert!(
        !tx.bookings()
            .has_completed(first.person_id, van.year())
            .await
            .unwrap()
    );
    assert_eq!(completed(&mut *tx, &first).await, Completion::Done);
    let done = visited(&first).complete(SystemClock.now()).unwrap();
    assert_eq!(
        tx.bookings().complete(&done).await.unwrap(),
        Completion::StateChanged
    );
    assert!(
        tx.bookings()
            .has_completed(first.person_id, van.year())
            .await
            .unwrap()
    );
    assert!(
        !tx.bookings()
            .has_completed(first.person_id, van.year() + 1)
            .await
            .unwrap()
    );
    assert_eq!(completed(&mut *tx, &second).await, Completion::YearTaken);
}

#[rstest]
#[tokio::test]
async fn attendance_counts_by_slot_and_state(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let van = Van::new(DISTRICT, 5);
    let empty = slot(&van.session, 14, 7);
    let mut tx = store.begin().await.unwrap();
    tx.campaigns().add_campaign(&van.campaign).await.unwrap();
    tx.campaigns()
        .add_session(&van.session, &[empty.clone(), van.slot.clone()])
        .await
        .unwrap();
    let [one, two, three] = [van.booking(), van.booking(), van.booking()];
    for booking in [&one, &two, &three] {
        assert!(tx.bookings().add(booking).await.unwrap());
    }
    assert!(
        tx.bookings()
            .save(&visited(&two), BookingStatus::Booked)
            .await
            .unwrap()
    );
    assert_eq!(completed(&mut *tx, &three).await, Completion::Done);
    let slots = tx.bookings().attendance(van.session.id).await.unwrap();
    assert_eq!(
        slots.iter().map(|slot| slot.slot_id).collect::<Vec<_>>(),
        [van.slot.id, empty.id],
        "by start"
    );
    let counts = slots[0].counts;
    assert_eq!(
        (
            counts.booked,
            counts.checked_in,
            counts.completed,
            counts.cancelled
        ),
        (1, 1, 1, 0)
    );
    assert_eq!(
        (slots[1].capacity, slots[1].counts),
        (7, Default::default())
    );
}

#[rstest]
#[tokio::test]
async fn a_row_that_makes_no_sense_is_named(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, store, van) = with_van(kind, 5).await;
    let nonsense = "UPDATE checkup_sessions SET district = 'abcdef'";
    store.writer().execute_unprepared(nonsense).await.unwrap();
    let found = store
        .read()
        .await
        .unwrap()
        .campaigns()
        .find_session(van.session.id)
        .await;
    assert!(
        matches!(
            found,
            Err(StoreError::Corrupt {
                table: "checkup_sessions",
                ..
            })
        ),
        "{found:?}"
    );
}
