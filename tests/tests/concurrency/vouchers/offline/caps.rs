//! What a device takes on a day.

use niangjia_domain::vouchers::offline::ItemOutcome;
use niangjia_tests::{servers::database::Kind, town::Town};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::at_both;

/// Eight uploads of one scan each, by a device that may take three.
async fn crowded_day(town: &Town) -> usize {
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    town.execute("UPDATE offline_days SET max_scans = 3", [])
        .await;
    let mut uploads = vec![];
    for _ in 0..8 {
        let (worker, voucher) = town.holder(batch).await;
        uploads.push(town.upload_of(&[town.served(&worker, voucher).await]));
    }
    let told = at_both(town, uploads).await;
    town.balanced(batch).await;
    told.iter()
        .filter(|told| matches!(told[0], ItemOutcome::Accepted { .. }))
        .count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_days_cap_holds_however_many_upload(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    assert_eq!(crowded_day(&Town::at_noon(kind).await).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_counter_row_a_device_takes_more() {
    let town = Town::at_noon(Kind::Postgres).await;
    // Every take finds an untouched day: as if each had looked for itself.
    let forget = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN NEW.scans := 0; NEW.fen := 0; RETURN NEW; END'; \
                  CREATE TRIGGER forget BEFORE UPDATE ON offline_days FOR EACH ROW EXECUTE FUNCTION forget()";
    town.store
        .writer()
        .execute_unprepared(forget)
        .await
        .unwrap();
    assert!(crowded_day(&town).await > 3, "the control is no control");
}
