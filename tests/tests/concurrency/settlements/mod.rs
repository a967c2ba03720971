//! Races over settlements: freezes, annulments, holds and late uploads meet on the same
//! redemptions, and each redemption ends in exactly one place. Controls act without the guards.

mod freezes;
mod meetings;
mod periods;

use chrono::TimeDelta;
use niangjia_domain::{
    settlements::Settlement, store::Store, vouchers::scans::redemption::Redemption,
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{servers::database::Kind, town::SettlingTown};

const MEALS: usize = 8;

/// Yesterday's meals, an open sheet for them, and a second store.
async fn eaten(kind: Kind) -> (SettlingTown, Settlement, SqlStore) {
    let settling = SettlingTown::at_noon(kind).await;
    for _ in 0..MEALS {
        settling.redeemed(1_500).await;
    }
    let day = settling.today();
    settling.next_day();
    let sheet = settling.sheet(day, day).await.unwrap();
    let two = settling.town.database.store().await;
    (settling, sheet, two)
}

async fn in_lines(settling: &SettlingTown) -> i64 {
    let twice = "SELECT COUNT(*) FROM (SELECT subject_id FROM settlement_lines GROUP BY subject_id HAVING COUNT(*) > 1) t";
    assert_eq!(settling.town.count(twice).await, 0);
    settling
        .town
        .count("SELECT COUNT(*) FROM settlement_lines")
        .await
}

async fn yesterdays(settling: &SettlingTown) -> Vec<Redemption> {
    let page = niangjia_domain::kernel::PageRequest {
        limit: 100,
        after: None,
    };
    let (station, day) = (
        settling.town.station.id,
        settling.today() - TimeDelta::days(1),
    );
    settling
        .town
        .store
        .read()
        .await
        .unwrap()
        .redemptions()
        .list_at(station, day, page)
        .await
        .unwrap()
        .items
}
