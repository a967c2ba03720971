//! Contract of the checkups repositories.

mod bookings;
mod plans;
mod visits;

use niangjia_domain::{
    checkups::{
        bookings::booking::{Booking, BookingState, BookingStatus, Visit},
        ports::Completion,
    },
    kernel::{Clock, DistrictCode, PageRequest},
    store::Tx,
};
use niangjia_infra::{sql::SqlStore, system::SystemClock};
use niangjia_tests::{
    places::DISTRICT,
    rows::Van,
    servers::database::{Kind, TestDatabase},
};

fn district(code: &str) -> DistrictCode {
    DistrictCode::parse(code).unwrap()
}

fn page(limit: u64) -> PageRequest {
    PageRequest { limit, after: None }
}

async fn with_van(kind: Kind, capacity: u32) -> (TestDatabase, SqlStore, Van) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let van = Van::new(DISTRICT, capacity);
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
