//! Whose sheets a caller sees and opens.

use niangjia_domain::{
    kernel::{Actor, Clock, PageRequest, id::SettlementId},
    settlements::{NewSettlement, SettlementError, SettlementStatus, ports::SettlementFilter},
};
use niangjia_tests::{places::DISTRICT, rows::new_id, servers::database::Kind, town::SettlingTown};
use rstest::rstest;

use super::FIRST;

async fn sees(settling: &SettlingTown, actor: &Actor, id: SettlementId) -> bool {
    let found = settling
        .town
        .services
        .settlements
        .settlement(actor, id)
        .await
        .is_ok();
    assert_eq!(
        settling
            .town
            .services
            .settlements
            .lines(actor, id, FIRST)
            .await
            .is_ok(),
        found
    );
    assert_eq!(
        settling
            .town
            .services
            .settlements
            .csv(actor, id)
            .await
            .is_ok(),
        found
    );
    assert_eq!(
        settling
            .town
            .services
            .settlements
            .workbook(actor, id)
            .await
            .is_ok(),
        found
    );
    found
}

#[rstest]
#[tokio::test]
async fn sheets_are_seen_by_their_district_and_their_station(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    settling.redeemed(1_500).await;
    settling.redeemed(1_500).await;
    settling.redeemed(1_500).await;
    settling.next_day();
    let sheet = settling.frozen().await;
    let town = &settling.town;
    let (elsewhere, above) = (town.cadre("370812"), town.cadre("370800"));
    let worker = town.worker().await;
    for (actor, allowed) in [
        (&settling.town.staff, true),
        (&settling.town.checker, true),
        (&above, true),
        (&elsewhere, false),
        (&worker, false),
    ] {
        assert_eq!(
            sees(&settling, actor, sheet.id).await,
            allowed,
            "{:?}",
            actor.grants
        );
    }
    let listed = |filter| {
        settling
            .town
            .services
            .settlements
            .settlements(&settling.town.checker, filter, FIRST)
    };
    let (open, frozen) = (Some(SettlementStatus::Open), Some(SettlementStatus::Frozen));
    for (status, station, count) in [
        (None, None, 1),
        (frozen, Some(town.station.id), 1),
        (open, None, 0),
        (None, Some(new_id()), 0),
    ] {
        assert_eq!(
            listed(SettlementFilter { station, status })
                .await
                .unwrap()
                .items
                .len(),
            count
        );
    }
    let at = settling
        .town
        .services
        .settlements
        .settlements_at(&settling.town.staff, town.station.id, FIRST)
        .await
        .unwrap();
    assert_eq!(at.items.first(), Some(&sheet));
    let (first, page) = (
        settling.lines(sheet.id).await,
        settling
            .town
            .services
            .settlements
            .lines(&settling.town.staff, sheet.id, FIRST),
    );
    let page = page.await.unwrap();
    assert_eq!(page.items, first[..2]);
    let rest = PageRequest {
        after: page.next,
        ..FIRST
    };
    assert_eq!(
        settling
            .town
            .services
            .settlements
            .lines(&settling.town.staff, sheet.id, rest)
            .await
            .unwrap()
            .items,
        first[2..]
    );
    let forged = PageRequest {
        after: Some(sheet.id.uuid()),
        ..FIRST
    };
    assert!(
        settling
            .town
            .services
            .settlements
            .lines(&settling.town.staff, sheet.id, forged)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn sheets_are_opened_in_the_own_district_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    let new = |station_id| NewSettlement {
        station_id,
        from: settling.today(),
        to: settling.today(),
    };
    let elsewhere = settling.town.cadre("370812");
    let here = settling.town.station.id;
    assert!(matches!(
        settling
            .town
            .services
            .settlements
            .open(&elsewhere, new(here))
            .await,
        Err(SettlementError::Access(_))
    ));
    let nowhere = new(new_id());
    assert!(matches!(
        settling
            .town
            .services
            .settlements
            .open(&settling.town.maker, nowhere)
            .await,
        Err(SettlementError::Invalid(_))
    ));
    let sheet = settling
        .town
        .services
        .settlements
        .open(&settling.town.maker, new(here))
        .await
        .unwrap();
    assert_eq!(sheet.district.to_string(), DISTRICT);
    assert!(sheet.created_at <= settling.town.clock.now());
}
