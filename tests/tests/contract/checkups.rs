//! Contract of the checkups repositories.

use chrono::TimeDelta;
use niangjia_domain::{
    checkups::{
        bookings::booking::{Booking, BookingState, BookingStatus, Visit},
        ports::{Completion, SessionFilter},
    },
    kernel::{Clock, DistrictCode, Jurisdiction, PageRequest, Place, id::PersonId},
    store::{Store, StoreError, Tx},
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    checkups::{Van, slot},
    database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

fn district(code: &str) -> DistrictCode {
    DistrictCode::parse(code).unwrap()
}

fn page(limit: u64) -> PageRequest {
    PageRequest { limit, after: None }
}

async fn with_van(kind: Kind, capacity: u32) -> (TestDatabase, SqlStore, Van) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let van = Van::new("370811", capacity);
    van.store(&store).await;
    (database, store, van)
}

fn visited(booking: &Booking) -> Booking {
    let visit = Visit {
        at: SystemClock.now(),
        scanned_by: booking.account_id,
    };
    booking.clone().check_in(visit).unwrap()
}

async fn completed(tx: &mut dyn Tx, booking: &Booking) -> Completion {
    let visited = visited(booking);
    assert!(
        tx.bookings()
            .save(&visited, BookingStatus::Booked)
            .await
            .unwrap()
    );
    tx.bookings()
        .complete(&visited.complete(SystemClock.now()).unwrap())
        .await
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn plans_read_back_inside_their_area_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store, van) = with_van(kind, 3).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(
        tx.campaigns().find_campaign(van.campaign.id).await.unwrap(),
        Some(van.campaign.clone())
    );
    assert_eq!(
        tx.campaigns().find_session(van.session.id).await.unwrap(),
        Some(van.session.clone())
    );
    assert_eq!(
        tx.campaigns().find_slot(van.slot.id).await.unwrap(),
        Some(van.slot.clone())
    );

    let (here, city, next_door) = ["370811", "370800", "370812"]
        .map(|code| Jurisdiction::District(district(code)))
        .into();
    for (areas, seen) in [
        (vec![here], true),
        (vec![city], true),
        (vec![Jurisdiction::Everywhere], true),
        (vec![next_door], false),
        (vec![next_door, here], true),
        (vec![], false),
    ] {
        let found = tx
            .campaigns()
            .find_session_within(van.session.id, &areas)
            .await
            .unwrap();
        assert_eq!(found.is_some(), seen, "{areas:?}");
    }
    assert_eq!(
        tx.campaigns()
            .list_campaigns(&city, page(10))
            .await
            .unwrap()
            .items,
        vec![van.campaign]
    );
    assert!(
        tx.campaigns()
            .list_campaigns(&next_door, page(10))
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn sessions_are_listed_soonest_or_nearest_first_page_by_page(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(false, true)] by_distance: bool,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let mut expected = Vec::new();
    for (number, (days, lng)) in [(3, 116.1), (1, 116.5), (2, 116.1), (0, 116.9)]
        .into_iter()
        .enumerate()
    {
        let mut van = Van::new(if number == 0 { "370881" } else { "370811" }, 1);
        van.session.date += TimeDelta::days(days);
        van.session.location = Place::new(lng, 35.4).unwrap();
        van.store(&store).await;
        let far = if by_distance {
            (lng * 10.0).round() as i64
        } else {
            0
        };
        expected.push(((far, van.session.date), van.session));
    }
    expected.sort_by_key(|(key, _)| *key);
    let expected: Vec<_> = expected.into_iter().map(|(_, session)| session).collect();

    let near = by_distance.then(|| Place::new(116.0, 35.4).unwrap());
    let first_day = expected.iter().map(|session| session.date).min().unwrap();
    let filter = SessionFilter {
        district: None,
        from: first_day,
        to: None,
        near,
    };
    let mut tx = store.read().await.unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = tx
            .campaigns()
            .list_sessions(&filter, PageRequest { limit: 3, after })
            .await
            .unwrap();
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, expected);

    let last = SessionFilter {
        to: Some(first_day),
        ..filter
    };
    assert_eq!(
        tx.campaigns()
            .list_sessions(&last, page(10))
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    let qufu = SessionFilter {
        district: Some(district("370881")),
        ..filter
    };
    assert_eq!(
        tx.campaigns()
            .list_sessions(&qufu, page(10))
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    let forged = PageRequest {
        limit: 3,
        after: Some(uuid::Uuid::from_u128(7)),
    };
    assert!(
        tx.campaigns()
            .list_sessions(&filter, forged)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

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

/// The second booking as it must be stored: in the state that was written, everything else as it
/// was.
async fn visited_as_stored(tx: &mut dyn Tx, booking: &Booking) -> Booking {
    let stored = tx.bookings().find(booking.id).await.unwrap().unwrap();
    assert!(matches!(stored.state, BookingState::CheckedIn(_)));
    Booking {
        state: stored.state,
        ..booking.clone()
    }
}

#[rstest]
#[tokio::test]
async fn a_person_completes_one_check_in_a_year(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store, van) = with_van(kind, 5).await;
    let other = Van::new("370811", 5);
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
    for (code, seen) in [("370811", true), ("370812", false)] {
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

#[rstest]
#[tokio::test]
async fn attendance_counts_by_slot_and_state(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let van = Van::new("370811", 5);
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
