//! Sheets over the same days.

use chrono::TimeDelta;
use niangjia_domain::settlements::SettlementError;
use niangjia_tests::{servers::database::Kind, town::SettlingTown};
use rstest::rstest;

/// Opens twelve sheets that all have one day, half of them at a second process; returns how many
/// were opened.
async fn overlapping_sheets(settling: &SettlingTown) -> usize {
    let (one, two) = (
        settling.town.services.settlements.clone(),
        settling.town.another_process().await.settlements,
    );
    let station_id = settling.town.station.id;
    let opens: Vec<_> = (0..12)
        .map(|n| {
            let (service, maker) = (
                if n % 2 == 0 { one.clone() } else { two.clone() },
                settling.town.maker.clone(),
            );
            // All of them have the middle day.
            let (from, to) = (
                settling.today() - TimeDelta::days(n),
                settling.today() + TimeDelta::days(12 - n),
            );
            let new = niangjia_domain::settlements::NewSettlement {
                station_id,
                from,
                to,
            };
            tokio::spawn(async move { service.open(&maker, new).await })
        })
        .collect();
    let mut opened = 0;
    for open in opens {
        match open.await.unwrap() {
            Ok(_) => opened += 1,
            Err(SettlementError::PeriodTaken) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(
        settling
            .town
            .count("SELECT COUNT(*) FROM settlements")
            .await,
        opened as i64
    );
    opened
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_overlapping_sheets_one_is_opened(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    assert_eq!(
        overlapping_sheets(&SettlingTown::at_noon(kind).await).await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_days_key_overlapping_sheets_are_opened() {
    let settling = SettlingTown::at_noon(Kind::Postgres).await;
    settling
        .town
        .run("ALTER TABLE settlement_days DROP CONSTRAINT settlement_days_pkey")
        .await;
    assert!(
        overlapping_sheets(&settling).await > 1,
        "the control is no control"
    );
}
