//! Who may decide on whom.

use niangjia_domain::{
    kernel::{Actor, Grant, Jurisdiction},
    membership::{
        ApplicationDecision, MembershipError,
        ports::{ApplicationFilter, UnionFilter},
    },
    store::Store,
};
use niangjia_tests::{
    actors::{cadre, cadre_of},
    places::DISTRICT,
    servers::database::Kind,
};
use rstest::rstest;

use super::{FIRST, joined, office};

#[rstest]
#[tokio::test]
async fn nobody_reviews_themselves(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (mut worker, _, view) = joined(&office).await;
    worker.grants.push(Grant::Cadre(Jurisdiction::Everywhere));
    let own = office
        .decide(&worker, view.id, ApplicationDecision::Accept)
        .await;
    assert!(matches!(own, Err(MembershipError::OwnApplication)));
    let cadre = Actor {
        person_id: worker.person_id,
        ..cadre_of(DISTRICT)
    };
    let own = office
        .decide(&cadre, view.id, ApplicationDecision::Accept)
        .await;
    assert!(
        matches!(own, Err(MembershipError::OwnApplication)),
        "nor from another account"
    );
}

#[rstest]
#[tokio::test]
async fn a_union_cadre_sees_the_subtree_and_nothing_beside_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (_, _, view) = joined(&office).await;
    let mut tx = office.store.read().await.unwrap();
    let county = tx
        .unions()
        .find_by_name("任城区总工会")
        .await
        .unwrap()
        .unwrap();
    let beside = tx
        .unions()
        .find_by_name("兖州区总工会")
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    let all = ApplicationFilter::default();
    let above = cadre(Jurisdiction::Union(county.id));
    assert_eq!(
        office
            .service
            .applications(&above, all, FIRST)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert_eq!(
        office
            .service
            .unions(&above, UnionFilter::default(), FIRST)
            .await
            .unwrap()
            .items
            .len(),
        3
    );
    let beside = cadre(Jurisdiction::Union(beside.id));
    assert_eq!(
        office
            .service
            .applications(&beside, all, FIRST)
            .await
            .unwrap()
            .items
            .len(),
        0
    );
    assert!(
        office
            .decide(&beside, view.id, ApplicationDecision::Accept)
            .await
            .is_err()
    );
    assert!(
        office
            .decide(&above, view.id, ApplicationDecision::Accept)
            .await
            .is_ok()
    );
}
