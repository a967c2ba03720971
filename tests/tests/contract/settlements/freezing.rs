//! What a freeze waits for and what it refuses.

use chrono::{Days, TimeDelta};
use niangjia_domain::{
    kernel::{Clock, id::DisputedScanId},
    settlements::SettlementError,
    store::Store,
    vouchers::offline::{devices::device::StationDevice, ports::Enrolment},
};
use niangjia_tests::{rows::new_id, servers::database::Kind, town::SettlingTown};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn a_day_of_a_station_lies_in_one_sheet(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let settling = SettlingTown::at_noon(kind).await;
    let day = |n| settling.today() - Days::new(n);
    settling.sheet(day(20), day(11)).await.unwrap();
    for (from, to) in [(20, 11), (25, 20), (11, 11), (15, 15), (30, 1)] {
        assert!(
            matches!(
                settling.sheet(day(from), day(to)).await,
                Err(SettlementError::PeriodTaken)
            ),
            "{from}–{to}"
        );
    }
    settling.sheet(day(10), day(10)).await.unwrap();
    settling.sheet(day(25), day(21)).await.unwrap();
    assert!(matches!(
        settling.sheet(day(1), day(2)).await,
        Err(SettlementError::Invalid(_))
    ));
    assert_eq!(
        settling
            .town
            .count("SELECT COUNT(*) FROM settlements")
            .await,
        3,
        "a refusal leaves nothing"
    );
}

#[rstest]
#[tokio::test]
async fn freezing_waits_for_everything_that_may_still_change(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    let clock = &settling.town.clock;
    let today = settling.today();
    let sheet = settling.sheet(today, today).await.unwrap();
    let freeze = || {
        settling
            .town
            .services
            .settlements
            .freeze(&settling.town.maker, sheet.id)
    };
    clock.advance(TimeDelta::hours(12) - TimeDelta::minutes(5));
    settling.redeemed(1_500).await;
    assert!(matches!(
        freeze().await,
        Err(SettlementError::PeriodNotOver { .. })
    ));
    clock.set(sheet.period.end());
    let Err(SettlementError::AnnulmentOpen { until }) = freeze().await else {
        panic!("it can be annulled")
    };
    clock.set(until);
    assert!(
        matches!(freeze().await, Err(SettlementError::AnnulmentOpen { .. })),
        "to the last second"
    );
    clock.set(until + TimeDelta::seconds(1));
    let other = settling
        .sheet(today - Days::new(1), today - Days::new(1))
        .await
        .unwrap();
    let empty = settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, other.id)
        .await;
    assert!(matches!(empty, Err(SettlementError::NothingToSettle)));
    freeze().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn freezing_waits_for_offline_scans(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let settling = SettlingTown::at_noon(kind).await;
    settling.redeemed(1_500).await;
    let (day, town) = (settling.today(), &settling.town);
    let (staff, now) = (settling.town.staff.account_id, town.clock.now());
    let device = StationDevice::enrol(
        new_id(),
        town.station.id,
        "scanner-9".to_owned(),
        staff,
        now,
    );
    let mut tx = town.store.begin().await.unwrap();
    assert_eq!(
        tx.station_devices().enrol(&device, 50).await.unwrap(),
        Enrolment::Enrolled
    );
    tx.commit().await.unwrap();
    let owe = "UPDATE station_devices SET packed_through = $1, unsynced_from = $1 WHERE device_id = 'scanner-9'";
    town.execute(owe, [day.to_string().into()]).await;
    settling.next_day();
    let sheet = settling.sheet(day, day).await.unwrap();
    let Err(SettlementError::Unsynced(owing)) = settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, sheet.id)
        .await
    else {
        panic!("it may hold scans")
    };
    assert_eq!(
        owing
            .iter()
            .map(|device| device.device_id.as_str())
            .collect::<Vec<_>>(),
        ["scanner-9"]
    );
    let mut tx = town.store.begin().await.unwrap();
    assert!(tx.station_devices().write_off(device.id).await.unwrap());
    tx.commit().await.unwrap();
    let dispute = "INSERT INTO disputed_scans (id, device, station_id, scan_id, staff_id, reason, code, scanned_at, \
        day, uploaded_at, due_at, status) SELECT $1, id, station_id, 'scan-1', $1, 'already_redeemed', '', $2, $3, $2, $2, \
        'open' FROM station_devices WHERE device_id = 'scanner-9'";
    let scan: DisputedScanId = new_id();
    town.execute(
        dispute,
        [scan.uuid().into(), now.into(), day.to_string().into()],
    )
    .await;
    let Err(SettlementError::Disputed(scans)) = settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, sheet.id)
        .await
    else {
        panic!("somebody has to decide")
    };
    assert_eq!(scans, [scan]);
    settling
        .town
        .run("UPDATE disputed_scans SET day = '2999-01-01'")
        .await;
    settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, sheet.id)
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn nothing_is_frozen_over_what_was_not_spent(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    settling.redeemed(1_500).await;
    let day = settling.today();
    settling.next_day();
    let sheet = settling.sheet(day, day).await.unwrap();
    // What only a defect could do.
    settling
        .town
        .run("UPDATE ledger_budgets SET spent_fen = spent_fen - 1")
        .await;
    let refused = settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, sheet.id)
        .await;
    assert!(matches!(refused, Err(SettlementError::Overspent)));
    assert_eq!(
        settling
            .town
            .count("SELECT COUNT(*) FROM settlement_lines")
            .await,
        0,
        "nothing was kept"
    );
    settling
        .town
        .run("UPDATE ledger_budgets SET spent_fen = spent_fen + 1")
        .await;
    settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, sheet.id)
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_sheet_that_changed_meanwhile_is_not_written(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    settling.redeemed(1_500).await;
    let day = settling.today();
    settling.next_day();
    let stale = settling.sheet(day, day).await.unwrap();
    let frozen = settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, stale.id)
        .await
        .unwrap();
    let mut tx = settling.town.store.begin().await.unwrap();
    assert!(!tx.settlements().hold_still(&stale).await.unwrap());
    assert!(!tx.settlements().save(&stale).await.unwrap());
    assert!(tx.settlements().hold_still(&frozen).await.unwrap());
    assert!(tx.settlements().save(&frozen).await.unwrap());
    assert!(
        !tx.settlements().save(&frozen).await.unwrap(),
        "once per revision"
    );
}
