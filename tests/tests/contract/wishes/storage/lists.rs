//! Whose wishes a query shows, and in which order.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, DistrictCode, Jurisdiction, PageRequest, id::StationId},
    store::Store,
    wishes::{
        ports::{QueueFilter, WallFilter},
        wish::status::WishStatus,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    servers::database::Kind,
    town::Town,
};
use rstest::rstest;

use super::{FIRST, insert, wish};

#[rstest]
#[tokio::test]
async fn scope_is_part_of_the_query(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let (worker, other) = (town.worker().await, town.donor().await);
    let wish = wish(&town, &worker, WishStatus::Reviewing);
    assert!(insert(&town, &wish).await);
    let district = |code| Jurisdiction::District(DistrictCode::parse(code).unwrap());
    let elsewhere = StationId::generate(town.clock.now(), &SystemRandom);
    let mut tx = town.store.read().await.unwrap();
    let wishes = tx.wishes();
    assert!(
        wishes
            .find_of(wish.id, worker.account_id)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        wishes
            .find_of(wish.id, other.account_id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        wishes
            .find_at(wish.id, &[elsewhere, town.station.id])
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        wishes
            .find_at(wish.id, &[elsewhere])
            .await
            .unwrap()
            .is_none()
    );
    assert!(wishes.find_at(wish.id, &[]).await.unwrap().is_none());
    for (area, inside) in [
        (district(DISTRICT), true),
        (district("370800"), true),
        (district(QUFU), false),
    ] {
        assert_eq!(
            wishes.find_within(wish.id, &area).await.unwrap().is_some(),
            inside
        );
        let queue = wishes
            .list_queue(&area, &QueueFilter::default(), FIRST)
            .await
            .unwrap();
        assert_eq!(queue.items.len(), usize::from(inside));
    }
    assert!(
        wishes
            .find_within(wish.id, &Jurisdiction::Everywhere)
            .await
            .unwrap()
            .is_some()
    );
}

#[rstest]
#[tokio::test]
async fn lists_filter_and_page_newest_first(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        town.clock.advance(TimeDelta::seconds(1));
        let wish = wish(&town, &town.worker().await, WishStatus::Published);
        assert!(insert(&town, &wish).await);
        ids.insert(0, wish.id);
    }
    assert!(
        insert(
            &town,
            &wish(&town, &town.worker().await, WishStatus::Claimed)
        )
        .await
    );
    assert!(
        insert(
            &town,
            &wish(&town, &town.worker().await, WishStatus::Reviewing)
        )
        .await
    );
    let filter = WallFilter {
        district: DistrictCode::parse("370800").ok(),
        category: Some("daily_goods".to_owned()),
        status: WishStatus::Published,
    };
    let mut tx = town.store.read().await.unwrap();
    let first = tx
        .wishes()
        .list_wall(
            &filter,
            PageRequest {
                limit: 2,
                after: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        first.items.iter().map(|wish| wish.id).collect::<Vec<_>>(),
        ids[..2]
    );
    let rest = tx
        .wishes()
        .list_wall(
            &filter,
            PageRequest {
                limit: 2,
                after: first.next,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        rest.items.iter().map(|wish| wish.id).collect::<Vec<_>>(),
        ids[2..]
    );
    assert_eq!(rest.next, None);
    let other = WallFilter {
        category: Some("tools".to_owned()),
        ..filter
    };
    assert!(
        tx.wishes()
            .list_wall(&other, FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );

    let later = town.clock.now() + TimeDelta::seconds(1);
    for (due_before, found) in [(town.clock.now(), 0), (later, 1)] {
        let filter = QueueFilter {
            status: None,
            due_before: Some(due_before),
        };
        let queue = tx
            .wishes()
            .list_queue(&Jurisdiction::Everywhere, &filter, FIRST)
            .await
            .unwrap();
        assert_eq!(queue.items.len(), found);
    }
}
