//! Imports on both databases: what is taken, what is refused (M11: one broken row stops no other),
//! and what a crash leaves behind.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    imports::{
        Import, ImportColumn, ImportError, ImportKind, ImportService, ImportState, ImportTarget,
        MAX_NAMED_ERRORS, NewImport, Row, RowAnswer, RowOutcome, Tally,
    },
    kernel::{AccessError, Actor, DistrictCode, Jurisdiction, PageRequest, id::ImportId},
    membership::ROSTER,
    store::{Store, StoreError, Tx},
};
use niangjia_infra::sheets::{TableFiles, Templates};
use niangjia_tests::{
    database::{Kind, TestDatabase},
    office::{Office, cadre, cadre_of, imports, one_tap},
    people::Invented,
    rosters::{self, Line},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement, Value};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn office(kind: Kind) -> (TestDatabase, Office) {
    let database = TestDatabase::new(kind).await;
    let office = Office::open(database.store().await).await;
    (database, office)
}

fn roster(file: Vec<u8>, dry_run: bool) -> NewImport {
    NewImport {
        kind: ROSTER.code.to_owned(),
        dry_run,
        file_name: "花名册.csv".to_owned(),
        file,
    }
}

/// A number that the database itself tells.
async fn count(database: &TestDatabase, sql: &str, id: Option<ImportId>) -> i64 {
    let store = database.store().await;
    let connection = store.writer();
    let values: Vec<Value> = id.map(|id| id.uuid().into()).into_iter().collect();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

const ROSTER_ROWS: &str = "SELECT COUNT(*) FROM roster_rows";
const PIECES: &str = "SELECT COUNT(*) FROM import_file_pieces WHERE import_id = $1";

async fn errors(office: &Office, id: ImportId) -> Vec<(u32, String, String)> {
    let errors = office.imports.errors(id).await.unwrap().into_iter();
    errors
        .map(|error| (error.line, error.column, error.code))
        .collect()
}

#[rstest]
#[tokio::test]
async fn a_broken_row_stops_no_other(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (database, office) = office(kind).await;
    let mut rows = rosters::rows("371001", 5);
    rows[1][2] = "371001197703030024".to_owned();
    rows[1][4] = "没有的工会".to_owned();
    rows[2][0] = "+13105550123".to_owned();
    rows[3][3] = String::new();
    let import = office.import_roster(rosters::csv(&rows)).await;
    assert_eq!(import.tally.read, 5);
    assert_eq!((import.tally.added, import.tally.refused), (2, 3));
    assert!(matches!(import.state, ImportState::Done { .. }));
    let expected = [
        (3, "idNumber", "id_number_checksum"),
        (3, "union", "union_unknown"),
        (4, "phone", "phone_invalid"),
        (5, "occupation", "cell_empty"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, column, code)| (*line, (*column).to_owned(), (*code).to_owned()))
        .collect();
    assert_eq!(errors(&office, import.id).await, expected);
    assert_eq!(count(&database, ROSTER_ROWS, None).await, 2);
    assert_eq!(
        count(&database, PIECES, Some(import.id)).await,
        0,
        "the file is gone when it is done"
    );
}

#[rstest]
#[tokio::test]
async fn cells_as_offices_type_them_are_imported(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let mut rows = rosters::rows("371002", 3);
    rows[0][0] = "+86 137 1234 5671".to_owned();
    rows[1][0] = "137-1234-5672".to_owned();
    rows[2][0] = "１３７１２３４５６７３".to_owned();
    rows[0][1] = "张　伟".to_owned();
    rows[1][2] = format!("'{}", rows[1][2]);
    rows[2][3] = "courier".to_owned();
    let import = office.import_roster(rosters::csv(&rows)).await;
    assert_eq!(
        import.tally.added,
        3,
        "{:?}",
        errors(&office, import.id).await
    );
    for phone in ["13712345671", "13712345672", "13712345673"] {
        let joined = office.join(&office.worker().await, one_tap(phone)).await;
        assert_eq!(joined.unwrap().status, "active", "{phone}");
    }
}

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
async fn a_process_that_dies_leaves_nothing_to_be_taken_twice(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, office) = office(kind).await;
    let mut rows = rosters::rows("371004", 1_700);
    rows[400][0] = "1".to_owned();
    rows[1_200][0] = "2".to_owned();
    let received = roster(rosters::csv(&rows), false);
    let id = office
        .imports
        .receive_from("test", received)
        .await
        .unwrap()
        .id;
    // Each of these processes takes one chunk and is never heard of again.
    for taken in [500, 1_000] {
        let import = imports(&office.store).carry_on(id).await.unwrap();
        assert_eq!(
            (import.tally.read, import.state),
            (taken, ImportState::Running)
        );
    }
    let import = office.carry_out(id).await;
    let tally = Tally {
        read: 1_700,
        added: 1_698,
        refused: 2,
        errors: 2,
        ..Tally::default()
    };
    assert_eq!(import.tally, tally);
    assert_eq!(count(&database, ROSTER_ROWS, None).await, 1_698);
    let lines: Vec<u32> = errors(&office, id).await.iter().map(|one| one.0).collect();
    assert_eq!(lines, [402, 1_202]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_one_import_take_each_row_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, office) = office(kind).await;
    let received = roster(rosters::csv(&rosters::rows("371005", 2_600)), false);
    let id = office
        .imports
        .receive_from("test", received)
        .await
        .unwrap()
        .id;
    let other = Office {
        imports: Arc::new(imports(&office.store)),
        ..office.clone()
    };
    let (one, two) = tokio::join!(office.carry_out(id), other.carry_out(id));
    assert_eq!(one, two);
    assert_eq!((one.tally.added, one.tally.unchanged), (2_600, 0));
    assert_eq!(count(&database, ROSTER_ROWS, None).await, 2_600);
}

#[rstest]
#[tokio::test]
async fn a_row_listed_again_is_mended_until_it_is_used_up(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, office) = office(kind).await;
    let mut rows = rosters::rows("371006", 3);
    office.import_roster(rosters::csv(&rows)).await;
    office
        .join(&office.worker().await, one_tap(&rows[2][0]))
        .await
        .unwrap();
    rows[0][1] = "王改名".to_owned();
    rows[2][1] = "李改名".to_owned();
    let again = office.import_roster(rosters::csv(&rows)).await;
    let Tally {
        added,
        updated,
        unchanged,
        ..
    } = again.tally;
    assert_eq!((added, updated, unchanged), (0, 1, 2));
    let fresh = "SELECT COUNT(*) FROM roster_rows WHERE imported_at > \
                   (SELECT created_at FROM imports WHERE id = $1)";
    assert_eq!(count(&database, fresh, Some(again.id)).await, 2);
    let joined = office
        .join(&office.worker().await, one_tap(&rows[0][0]))
        .await;
    assert_eq!(joined.unwrap().status, "active");
}

#[rstest]
#[tokio::test]
async fn rows_land_inside_the_callers_area(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (qufu, rencheng) = (cadre_of("370881"), cadre_of("370811"));
    let rows = rosters::rows("371007", 2);
    let import = async |actor: &Actor, rows: &[Line]| -> Import {
        let new = roster(rosters::csv(rows), false);
        let received = office.imports.receive(actor, new).await.unwrap();
        office.carry_out(received.id).await
    };
    let foreign = import(&qufu, &rows).await;
    assert_eq!((foreign.tally.added, foreign.tally.refused), (0, 2));
    assert_eq!(errors(&office, foreign.id).await[0].2, "union_unknown");

    let mut tx = office.store.read().await.unwrap();
    let union = tx.unions().find_by_name(rosters::UNION).await.unwrap();
    let own = cadre(Jurisdiction::Union(union.unwrap().id));
    let unnamed = rows.clone().map_rows(|row| row[4] = String::new());
    let landed = import(&own, &unnamed).await;
    assert_eq!(landed.tally.added, 2, "its own union needs no name");
    assert_eq!(landed.district, DistrictCode::parse("370811").ok());
    let nameless = import(&rencheng, &unnamed).await;
    assert_eq!(errors(&office, nameless.id).await[0].2, "cell_empty");

    for (reader, seen) in [
        (&qufu, vec![foreign.id]),
        (&own, vec![landed.id]),
        (&rencheng, vec![nameless.id, landed.id]),
        (
            &cadre(Jurisdiction::Everywhere),
            vec![nameless.id, landed.id, foreign.id],
        ),
    ] {
        let page = office.imports.imports(reader, FIRST).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|import| import.id).collect();
        assert_eq!(ids, seen);
    }
    let hidden = office.imports.report(&qufu, landed.id).await;
    assert!(matches!(
        hidden,
        Err(ImportError::Access(AccessError::NotFound))
    ));
}

/// Changes every row.
trait MapRows {
    fn map_rows(self, change: impl Fn(&mut Line)) -> Self;
}

impl MapRows for Vec<Line> {
    fn map_rows(mut self, change: impl Fn(&mut Line)) -> Self {
        self.iter_mut().for_each(change);
        self
    }
}

#[rstest]
#[tokio::test]
async fn a_report_names_a_thousand_cells_and_counts_all(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let rows = rosters::rows("371008", 700).map_rows(|row| {
        row[0] = "1".to_owned();
        row[1] = "2".to_owned();
    });
    let import = office.import_roster(rosters::csv(&rows)).await;
    assert_eq!((import.tally.refused, import.tally.errors), (700, 1_400));
    let named = errors(&office, import.id).await;
    assert_eq!(named.len() as u64, MAX_NAMED_ERRORS);
    assert_eq!((named[0].0, named[999].0), (2, 501));
}

#[rstest]
#[tokio::test]
async fn a_cadre_is_told_at_once_when_a_file_is_no_roster(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, office) = office(kind).await;
    let receive = async |file: &str| {
        let new = roster(file.as_bytes().to_vec(), false);
        office.imports.receive(&cadre_of("370811"), new).await.err()
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

/// A kind of which the database takes everything but one row.
struct Picky;

const PICKY: ImportKind = ImportKind {
    code: "picky",
    name: "挑剔",
    columns: &[ImportColumn {
        key: "word",
        heading: "词",
        aliases: &[],
        required: true,
        example: "例",
        note: "",
    }],
};

#[async_trait]
impl ImportTarget for Picky {
    fn kind(&self) -> &'static ImportKind {
        &PICKY
    }

    fn area(&self, actor: &Actor) -> Result<Jurisdiction, AccessError> {
        actor.require_cadre()
    }

    async fn district_of(
        &self,
        _: &mut dyn Tx,
        _: &Jurisdiction,
    ) -> Result<Option<DistrictCode>, StoreError> {
        Ok(None)
    }

    async fn take(
        &self,
        _: &mut dyn Tx,
        _: &Jurisdiction,
        rows: &[Row],
        _: DateTime<Utc>,
    ) -> Result<Vec<RowAnswer>, StoreError> {
        if rows.iter().any(|row| row.text("word") == "坏") {
            let constraint = "words".to_owned();
            return Err(StoreError::Conflict { constraint });
        }
        Ok(rows.iter().map(|_| Ok(RowOutcome::Added)).collect())
    }
}

#[rstest]
#[tokio::test]
async fn a_row_that_the_database_refuses_is_found_among_its_chunk(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let service = ImportService::new(
        office.service.foundation.clone(),
        Arc::new(TableFiles::default()),
        Arc::new(Templates),
        vec![Arc::new(Picky)],
    );
    let new = NewImport {
        kind: PICKY.code.to_owned(),
        file: "词\n好\n坏\n好\n例\n好\n".as_bytes().to_vec(),
        ..roster(vec![], false)
    };
    let id = service.receive_from("test", new).await.unwrap().id;
    let import = loop {
        let import = service.carry_on(id).await.unwrap();
        if !import.is_open() {
            break import;
        }
    };
    assert_eq!((import.tally.added, import.tally.refused), (3, 1));
    let errors = service.errors(id).await.unwrap();
    assert_eq!(
        (errors[0].line, errors[0].code.as_str()),
        (3, "row_unwritable")
    );
}
