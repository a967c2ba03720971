//! Files as they are received and kept.

use niangjia_domain::{
    imports::{ImportError, ImportState},
    kernel::AccessError,
};
use niangjia_tests::{
    actors::cadre_of, people::Invented, places::DISTRICT, rosters, servers::database::Kind,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::{ROSTER_ROWS, count, errors, office, roster};

#[rstest]
#[tokio::test]
async fn a_dry_run_reports_and_takes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (database, office) = office(kind).await;
    let mut rows = rosters::rows("371003", 700);
    rows[650][1] = "123".to_owned();
    let file = rosters::csv(&rows);
    let import = office
        .imports
        .receive_from("test", roster(file, true))
        .await;
    let import = office.carry_out(import.unwrap().id).await;
    assert!(matches!(import.state, ImportState::Checked { .. }));
    assert_eq!((import.tally.added, import.tally.refused), (699, 1));
    let refused = (652, "name".to_owned(), "name_characters".to_owned());
    assert_eq!(errors(&office, import.id).await, [refused]);
    assert_eq!(count(&database, ROSTER_ROWS, None).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_cadre_is_told_at_once_when_a_file_is_no_roster(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, office) = office(kind).await;
    let receive = async |file: &str| {
        let new = roster(file.as_bytes().to_vec(), false);
        office.imports.receive(&cadre_of(DISTRICT), new).await.err()
    };
    let lacking = receive("姓名,职业,手机号\n张伟,快递员,13712345678\n").await;
    assert!(
        matches!(&lacking, Some(ImportError::ColumnsMissing(columns)) if columns == &["身份证号"])
    );
    for empty in ["", "\n\n", "手机号,姓名,身份证号,职业\n,,,\n"] {
        assert!(matches!(receive(empty).await, Some(ImportError::NoRows)));
    }
    let worker = office.worker().await;
    let new = roster(rosters::csv(&rosters::rows("371009", 1)), false);
    let refused = office.imports.receive(&worker, new).await;
    assert!(matches!(
        refused,
        Err(ImportError::Access(AccessError::Forbidden))
    ));
    assert_eq!(
        count(&database, "SELECT COUNT(*) FROM imports", None).await,
        0
    );
}

#[rstest]
#[tokio::test]
async fn what_is_kept_of_a_file_is_sealed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (database, office) = office(kind).await;
    let person = Invented::new();
    let new = roster(rosters::csv(&[rosters::row(&person)]), false);
    let import = office.imports.receive_from("test", new).await.unwrap();
    let store = database.store().await;
    let connection = store.writer();
    let statement = Statement::from_string(
        connection.get_database_backend(),
        "SELECT content FROM import_file_pieces",
    );
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    let kept: Vec<u8> = row.try_get_by_index(0).unwrap();
    let clear = |text: &str| kept.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(!clear(&person.phone) && !clear(&person.id_number));
    assert_eq!(office.carry_out(import.id).await.tally.added, 1);
}
