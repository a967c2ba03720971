//! Membership on both databases: routing, review, leaving, and what the tables themselves refuse.

use niangjia_domain::{
    kernel::{Actor, DistrictCode, Grant, Jurisdiction, PageRequest},
    membership::{
        ApplicationDecision, MembershipError, Reveal,
        applications::application::JoinForm,
        ports::{ApplicationFilter, UnionFilter},
        standing::StandingLevel,
        view::MembershipView,
    },
    store::Store,
};
use niangjia_infra::seed;
use niangjia_tests::{
    canteen::new_id,
    database::{Kind, TestDatabase},
    office::{Office, cadre, cadre_of, form_of, one_tap, request},
    people::Invented,
    rosters,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn office(kind: Kind) -> (TestDatabase, Office) {
    let database = TestDatabase::new(kind).await;
    let office = Office::open(database.store().await).await;
    (database, office)
}

async fn joined(office: &Office) -> (Actor, Invented, MembershipView) {
    let (worker, person) = (office.worker().await, Invented::new());
    let view = office.join(&worker, form_of(&person)).await.unwrap();
    (office.seen_again(&worker).await, person, view)
}

fn codes(error: MembershipError) -> Vec<(String, &'static str)> {
    match error {
        MembershipError::Invalid(invalid) => invalid
            .errors
            .into_iter()
            .map(|one| (one.field, one.code))
            .collect(),
        other => panic!("not a field error: {other}"),
    }
}

#[rstest]
#[tokio::test]
async fn a_rider_on_no_list_enters_the_countys_pool_and_a_cadre_makes_them_active(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (worker, person, view) = joined(&office).await;
    assert_eq!(
        (view.status.as_str(), view.routing.rule.code()),
        ("provisional", "holding_pool")
    );
    assert!(view.union.name.starts_with("任城区") && view.due_at.is_some());
    assert!(view.member_no.as_deref().unwrap().starts_with("370811"));

    let person_id = worker.person_id.unwrap();
    let standing = office
        .store
        .read()
        .await
        .unwrap()
        .memberships()
        .standing_of(person_id)
        .await
        .unwrap()
        .unwrap();
    let many = office
        .store
        .read()
        .await
        .unwrap()
        .memberships()
        .standings_of(&[new_id(), person_id])
        .await
        .unwrap();
    assert_eq!(
        many,
        std::slice::from_ref(&standing),
        "persons without one are left out"
    );
    assert_eq!(
        (standing.level, standing.district.to_string().as_str()),
        (StandingLevel::Provisional, "370811")
    );

    let rencheng = cadre_of("370811");
    let queue = office
        .service
        .applications(&rencheng, ApplicationFilter::default(), FIRST)
        .await
        .unwrap();
    assert_eq!(queue.items.len(), 1);
    assert!(
        !format!("{:?}", queue.items).contains(&person.id_number),
        "the queue is masked"
    );

    let stranger = office
        .decide(&cadre_of("370812"), view.id, ApplicationDecision::Accept)
        .await;
    assert!(
        matches!(stranger, Err(MembershipError::Access(_))),
        "another district does not see it"
    );
    let active = office
        .decide(&rencheng, view.id, ApplicationDecision::Accept)
        .await
        .unwrap();
    assert_eq!(
        (active.status.as_str(), &active.member_no),
        ("active", &view.member_no)
    );
    let again = office
        .decide(&rencheng, view.id, ApplicationDecision::Accept)
        .await;
    assert!(
        matches!(again, Err(MembershipError::Transition(_))),
        "decided once"
    );
    let card = office.service.card(&worker).await.unwrap();
    assert_eq!(
        office
            .service
            .check_card(&rencheng, &card.code)
            .await
            .unwrap()
            .member_no,
        card.member_no
    );
}

#[rstest]
#[tokio::test]
async fn a_trades_union_decides_before_there_is_a_number(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (worker, person) = (office.worker().await, Invented::new());
    let form = JoinForm {
        occupation: Some("courier".to_owned()),
        work_district: None,
        location: Some((116.79, 35.55)),
        ..form_of(&person)
    };
    let view = office.join(&worker, form.clone()).await.unwrap();
    assert_eq!(
        (view.status.as_str(), view.routing.rule.code()),
        ("under_review", "occupation")
    );
    assert_eq!((view.member_no, view.routing.alternatives.len()), (None, 2));
    let worker = office.seen_again(&worker).await;
    let standing = office
        .store
        .read()
        .await
        .unwrap()
        .memberships()
        .standing_of(worker.person_id.unwrap())
        .await;
    assert_eq!(standing.unwrap(), None, "no benefits before the decision");
    assert!(matches!(
        office.service.card(&worker).await,
        Err(MembershipError::NoMembership)
    ));

    let yanzhou = cadre_of("370812");
    let back = ApplicationDecision::parse("return", Some("请核对姓名")).unwrap();
    office.decide(&yanzhou, view.id, back).await.unwrap();
    assert_eq!(
        office.service.own(&worker).await.unwrap().reason.as_deref(),
        Some("请核对姓名")
    );

    let corrected = JoinForm {
        name: Some("古丽·阿依".to_owned()),
        ..form
    };
    let again = office.join(&worker, corrected).await.unwrap();
    assert_eq!(
        (again.id, again.status.as_str()),
        (view.id, "under_review"),
        "the same application, mended"
    );
    let active = office
        .decide(&yanzhou, view.id, ApplicationDecision::Accept)
        .await
        .unwrap();
    assert!(active.member_no.unwrap().starts_with("370812"));
}

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
async fn nobody_is_a_member_twice(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (worker, person, _) = joined(&office).await;
    let again = office.join(&worker, form_of(&person)).await;
    assert!(
        matches!(again, Err(MembershipError::AlreadyMember)),
        "same account"
    );
    let other_phone = Invented {
        phone: Invented::new().phone,
        ..person.clone()
    };
    let other = office.worker().await;
    let again = office.join(&other, form_of(&other_phone)).await;
    assert!(
        matches!(again, Err(MembershipError::AlreadyMember)),
        "another account and phone"
    );
    assert_eq!(
        office.seen_again(&other).await.person_id,
        None,
        "and stays a stranger to that person"
    );
    let again = office.join(&worker, form_of(&Invented::new())).await;
    assert!(
        matches!(again, Err(MembershipError::AccountOfAnother)),
        "another person, same account"
    );

    office.service.withdraw(&worker).await.unwrap();
    let misnamed = Invented {
        name: "王冒名".to_owned(),
        ..other_phone.clone()
    };
    let refused = codes(office.join(&other, form_of(&misnamed)).await.err().unwrap());
    assert_eq!(refused, [("name".to_owned(), "name_mismatch")]);
    let back = office.join(&other, form_of(&other_phone)).await.unwrap();
    assert_eq!(back.status, "provisional");
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
        .reveal(&cadre_of("370811"), former.person_id.unwrap(), reveal)
        .await
        .unwrap();
    assert_eq!(
        (seen.phone, seen.name, seen.id_number),
        (None, Some(person.name), None)
    );
}

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
    let desk = Actor {
        person_id: worker.person_id,
        ..cadre_of("370811")
    };
    let own = office
        .decide(&desk, view.id, ApplicationDecision::Accept)
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

#[rstest]
#[tokio::test]
async fn the_first_answer_is_given_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (worker, person) = (office.worker().await, Invented::new());
    let same = request(&worker);
    let first = office
        .service
        .join(&worker, &same, form_of(&person))
        .await
        .unwrap();
    let second = office
        .service
        .join(&worker, &same, form_of(&person))
        .await
        .unwrap();
    assert_eq!((first.value, true), (second.value, second.replayed));
}

#[rstest]
#[tokio::test]
async fn consents_are_acts_that_can_be_taken_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (worker, _, _) = joined(&office).await;
    let service = &office.service;
    let first = service
        .give_consent(&worker, "health_data", "1")
        .await
        .unwrap();
    assert_eq!(
        service
            .give_consent(&worker, "health_data", "1")
            .await
            .unwrap(),
        first,
        "one consent"
    );
    service
        .withdraw_consent(&worker, "health_data")
        .await
        .unwrap();
    assert!(
        service
            .withdraw_consent(&worker, "health_data")
            .await
            .is_err(),
        "nothing left to take back"
    );
    let needed = service.withdraw_consent(&worker, "membership").await;
    assert!(matches!(needed, Err(MembershipError::ConsentNeeded)));
    service.withdraw(&worker).await.unwrap();
    service
        .withdraw_consent(&worker, "membership")
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn seeding_again_changes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let unions = [seed::unions().unwrap(), seed::demo_unions().unwrap()].concat();
    assert_eq!(
        office
            .service
            .seed(&seed::districts().unwrap(), &unions)
            .await
            .unwrap(),
        0
    );
    let mut tx = office.store.read().await.unwrap();
    assert_eq!(tx.unions().districts().await.unwrap().len(), 12);
    let serving = tx
        .unions()
        .serving(DistrictCode::parse("370883").ok())
        .await
        .unwrap();
    assert_eq!(
        serving.len(),
        4,
        "county, its pool, its truckers, the city's pool"
    );
}

#[rstest]
#[tokio::test]
async fn personal_data_is_nowhere_in_clear(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (_, person, _) = joined(&office).await;
    let db = office.store.writer();
    for table in [
        "persons",
        "memberships",
        "accounts",
        "audit_entries",
        "outbox_events",
        "idempotency_keys",
    ] {
        let sql = match kind {
            Kind::Postgres => format!("SELECT t::text AS line FROM {table} t"),
            Kind::Sqlite => format!("SELECT {} AS line FROM {table}", columns(db, table).await),
        };
        let rows = db
            .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
            .await
            .unwrap();
        assert!(!rows.is_empty(), "{table} has rows");
        for row in rows {
            let line: String = row.try_get("", "line").unwrap();
            for secret in [&person.name, &person.id_number, &person.phone] {
                let bytes = hex::encode(secret);
                assert!(
                    !line.contains(secret.as_str()) && !line.to_lowercase().contains(&bytes),
                    "{table}"
                );
            }
        }
    }
}

/// All columns of a SQLite table as one hexadecimal text.
async fn columns(db: &sea_orm::DatabaseConnection, table: &str) -> String {
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    let names: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "name").unwrap())
        .collect();
    names
        .iter()
        .map(|name| format!("coalesce(hex({name}), '')"))
        .collect::<Vec<_>>()
        .join(" || '|' || ")
}

// The tables refuse by themselves what no use case would write.
#[rstest]
#[case::due_though_active("UPDATE memberships SET status = 'active'")]
#[case::no_number("UPDATE memberships SET status = 'active', member_no = NULL, joined_on = NULL")]
#[case::no_due_time("UPDATE memberships SET due_at = NULL")]
#[case::no_reason("UPDATE memberships SET status = 'rejected', due_at = NULL")]
#[case::unknown_state("UPDATE memberships SET status = 'member', due_at = NULL")]
#[tokio::test]
async fn impossible_rows_are_refused(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] statement: &str,
) {
    let (_database, office) = office(kind).await;
    joined(&office).await;
    assert!(
        office
            .store
            .writer()
            .execute_unprepared(statement)
            .await
            .is_err()
    );
}
