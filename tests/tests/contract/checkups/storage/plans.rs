//! Campaigns and sessions: read back, listed.

use chrono::TimeDelta;
use niangjia_domain::{
    checkups::ports::SessionFilter,
    kernel::{Jurisdiction, PageRequest, Place},
    store::Store,
};
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    rows::Van,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;

use super::{district, page, with_van};

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

    let (here, city, next_door) = [DISTRICT, "370800", "370812"]
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
        let mut van = Van::new(if number == 0 { QUFU } else { DISTRICT }, 1);
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
        district: Some(district(QUFU)),
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
