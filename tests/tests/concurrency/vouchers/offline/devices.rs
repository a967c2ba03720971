//! Devices of one station.

use niangjia_tests::servers::database::Kind;
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{CEILING, crowd, rows};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_station_never_has_more_devices_than_it_may(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows, two) = rows(kind).await;
    assert_eq!(crowd(&rows, &two).await, usize::from(CEILING));
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_numbered_slots_a_station_has_more() {
    let (_database, rows, two) = rows(Kind::Postgres).await;
    rows.store
        .writer()
        .execute_unprepared("DROP INDEX station_devices_slot")
        .await
        .unwrap();
    // Everybody looks before anybody is seen.
    let sleep = "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END'; \
                 CREATE TRIGGER linger AFTER INSERT ON station_devices FOR EACH ROW EXECUTE FUNCTION linger()";
    rows.store.writer().execute_unprepared(sleep).await.unwrap();
    let enrolled = crowd(&rows, &two).await;
    assert!(
        enrolled > usize::from(CEILING),
        "{enrolled}: the control no longer races"
    );
}
