//! One tap for whom a platform put on its roster.

use niangjia_domain::membership::{MembershipError, Reveal};
use niangjia_infra::seed;
use niangjia_tests::{
    actors::cadre_of,
    people::Invented,
    places::DISTRICT,
    rosters,
    servers::database::Kind,
    town::office::{form_of, one_tap},
};
use rstest::rstest;

use super::{codes, joined, office};

#[rstest]
#[tokio::test]
async fn a_phone_on_a_roster_joins_with_one_tap_and_uses_the_row_up(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let first = office.import_roster(seed::demo_roster()).await;
    assert_eq!(first.tally.added, 100);
    let again = office.import_roster(seed::demo_roster()).await;
    assert_eq!(again.tally.unchanged, 100, "importing again");

    let worker = office.worker().await;
    let view = office.join(&worker, one_tap("13900000001")).await.unwrap();
    assert_eq!(
        (view.status.as_str(), view.routing.rule.code(), view.due_at),
        ("active", "roster", None)
    );

    let other = office.worker().await;
    let refused = codes(
        office
            .join(&other, one_tap("13900000001"))
            .await
            .err()
            .unwrap(),
    );
    let missing = ["name_missing", "id_number_missing", "occupation_missing"];
    assert_eq!(
        refused.iter().map(|(_, code)| *code).collect::<Vec<_>>(),
        missing
    );

    let worker = office.seen_again(&worker).await;
    office.service.withdraw(&worker).await.unwrap();
    assert!(matches!(
        office.service.withdraw(&worker).await,
        Err(MembershipError::NoMembership)
    ));
    assert!(
        office.join(&worker, one_tap("13900000001")).await.is_err(),
        "a row admits once"
    );
}

#[rstest]
#[tokio::test]
async fn a_recycled_phone_is_taken_over_with_an_id_number_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (former, person, _) = joined(&office).await;
    let heir = Invented {
        phone: person.phone.clone(),
        ..Invented::new()
    };
    let worker = office.worker().await;
    let listed = office
        .import_roster(rosters::csv(&[rosters::row(&heir)]))
        .await;
    assert_eq!(listed.tally.added, 1);
    let refused = codes(
        office
            .join(&worker, one_tap(&heir.phone))
            .await
            .err()
            .unwrap(),
    );
    assert_eq!(refused, [("idNumber".to_owned(), "id_number_needed")]);

    let view = office.join(&worker, form_of(&heir)).await.unwrap();
    assert_eq!(view.status, "active");
    assert_eq!(
        office.service.own(&former).await.unwrap().status,
        "provisional",
        "the former member stays one"
    );
    let reveal = Reveal::parse(&["phone".to_owned(), "name".to_owned()], "电话核对材料").unwrap();
    let seen = office
        .service
        .reveal(&cadre_of(DISTRICT), former.person_id.unwrap(), reveal)
        .await
        .unwrap();
    assert_eq!(
        (seen.phone, seen.name, seen.id_number),
        (None, Some(person.name), None)
    );
}
