//! What the tables keep, hide and refuse.

use niangjia_domain::{kernel::DistrictCode, membership::MembershipError, store::Store};
use niangjia_infra::seed;
use niangjia_tests::servers::database::Kind;
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::{joined, office};

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
