//! What is taken of each row.

use niangjia_domain::imports::{ImportState, MAX_NAMED_ERRORS, Tally};
use niangjia_tests::{rosters, servers::database::Kind, town::office::one_tap};
use rstest::rstest;

use super::{MapRows, PIECES, ROSTER_ROWS, count, errors, office};

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
