use niangjia_domain::{
    identity::staff::staff_grant::StaffGrant,
    kernel::{
        DistrictCode, Grant, Jurisdiction, PageRequest, Place,
        id::{AccountId, GrantId, StationId, UnionId},
    },
    membership::unions::union::{Charter, Union, UnionKind},
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
    store::Store,
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;

use super::{now, stored};

fn district(code: &str) -> DistrictCode {
    DistrictCode::parse(code).unwrap()
}

fn held(account_id: AccountId, grant: Grant) -> StaffGrant {
    StaffGrant {
        id: GrantId::generate(now(), &SystemRandom),
        account_id,
        grant,
        granted_at: now(),
    }
}

/// A station in Rencheng, and the unions of the city, of Rencheng and of Qufu.
struct Map {
    station: StationId,
    city: UnionId,
    rencheng: UnionId,
    qufu: UnionId,
}

async fn map(store: &SqlStore) -> Map {
    let station = Station {
        id: StationId::generate(now(), &SystemRandom),
        name: "演示驿站".to_owned(),
        district: district(DISTRICT),
        address: "演示路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: vec![],
    };
    let found = |parent: Option<&Union>, kind, code: &str| {
        let charter = Charter {
            name: format!("{code} 工会"),
            kind,
            district: district(code),
            occupation: None,
            platform: None,
        };
        Union::found(UnionId::generate(now(), &SystemRandom), parent, charter).unwrap()
    };
    let city = found(None, UnionKind::City, "370800");
    let rencheng = found(Some(&city), UnionKind::County, DISTRICT);
    let qufu = found(Some(&city), UnionKind::County, QUFU);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.stations().add(&station).await.unwrap());
    for union in [&city, &rencheng, &qufu] {
        assert!(tx.unions().add(union).await.unwrap());
    }
    tx.commit().await.unwrap();
    Map {
        station: station.id,
        city: city.id,
        rencheng: rencheng.id,
        qufu: qufu.id,
    }
}

#[rstest]
#[tokio::test]
async fn a_role_is_held_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let map = map(&store).await;
    let (one, other) = (
        stored(&store, "openid-1").await,
        stored(&store, "openid-2").await,
    );
    let grants = [
        Grant::Admin,
        Grant::StationStaff(map.station),
        Grant::Cadre(Jurisdiction::Everywhere),
        Grant::Cadre(Jurisdiction::District(district(DISTRICT))),
        Grant::Cadre(Jurisdiction::Union(map.city)),
        Grant::Auditor(Jurisdiction::District(district(DISTRICT))),
    ];
    let mut tx = store.begin().await.unwrap();
    for grant in grants {
        assert!(
            tx.grants().add(&held(one, grant)).await.unwrap(),
            "{grant:?}"
        );
        assert!(
            !tx.grants().add(&held(one, grant)).await.unwrap(),
            "{grant:?} again"
        );
        assert!(
            tx.grants().add(&held(other, grant)).await.unwrap(),
            "{grant:?} of another account"
        );
    }
    assert!(
        !tx.grants().add(&held(one, Grant::Worker)).await.unwrap(),
        "comes with the account"
    );
    assert_eq!(tx.grants().of(one).await.unwrap().len(), grants.len());
    for grant in grants {
        assert!(
            tx.grants().of(one).await.unwrap().contains(&grant),
            "{grant:?}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_the_roles_of_his_area(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let map = map(&store).await;
    let account = stored(&store, "openid-1").await;
    let staff = held(account, Grant::StationStaff(map.station));
    let cadre = held(
        account,
        Grant::Cadre(Jurisdiction::District(district(QUFU))),
    );
    let county = held(account, Grant::Cadre(Jurisdiction::Union(map.rencheng)));
    let admin = held(account, Grant::Admin);
    let mut tx = store.begin().await.unwrap();
    for grant in [&staff, &cadre, &county, &admin] {
        assert!(tx.grants().add(grant).await.unwrap());
    }
    tx.commit().await.unwrap();

    let within = |code| Jurisdiction::District(district(code));
    let cases = [
        (
            Jurisdiction::Everywhere,
            vec![&staff, &cadre, &county, &admin],
        ),
        (within("370800"), vec![&staff, &cadre, &county]),
        (within(DISTRICT), vec![&staff, &county]),
        (within(QUFU), vec![&cadre]),
        (within("370812"), vec![]),
        (Jurisdiction::Union(map.city), vec![&county]),
        (Jurisdiction::Union(map.rencheng), vec![&county]),
        (Jurisdiction::Union(map.qufu), vec![]),
    ];
    let mut read = store.read().await.unwrap();
    for (area, visible) in cases {
        let page = read
            .grants()
            .list(
                &area,
                PageRequest {
                    limit: 20,
                    after: None,
                },
            )
            .await
            .unwrap();
        assert_eq!(page.items.len(), visible.len(), "{area:?}");
        for grant in [&staff, &cadre, &county, &admin] {
            let seen = visible.contains(&grant);
            assert_eq!(page.items.contains(grant), seen, "{area:?} {grant:?}");
            assert_eq!(
                read.grants().find(grant.id, &area).await.unwrap().is_some(),
                seen,
                "{area:?} {grant:?}"
            );
        }
    }
    let area = Jurisdiction::Everywhere;
    let first = read
        .grants()
        .list(
            &area,
            PageRequest {
                limit: 3,
                after: None,
            },
        )
        .await
        .unwrap();
    let rest = read
        .grants()
        .list(
            &area,
            PageRequest {
                limit: 3,
                after: first.next,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        (first.items.len(), rest.items.len(), rest.next),
        (3, 1, None)
    );
}

#[rstest]
#[tokio::test]
async fn a_role_is_taken_away_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let account = stored(&store, "openid-1").await;
    let grant = held(account, Grant::Admin);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.grants().add(&grant).await.unwrap());
    assert!(tx.grants().remove(grant.id).await.unwrap());
    assert!(!tx.grants().remove(grant.id).await.unwrap());
    assert_eq!(tx.grants().of(account).await.unwrap(), vec![]);
}
