//! Races over seats: many callers, two stores with pools of their own, each limit with a control
//! without its guard.

mod seats;
mod visits;

use std::sync::Arc;

use niangjia_domain::{checkups::bookings::booking::Booking, kernel::Clock, store::Store};
use niangjia_infra::{sql::SqlStore, system::SystemClock};
use niangjia_tests::{
    places::DISTRICT,
    rows::Van,
    servers::database::{Kind, TestDatabase},
};
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::Barrier;

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
    let van = Van::new(DISTRICT, SEATS);
    van.store(&one).await;
    (database, one, two, van)
}
