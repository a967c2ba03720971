//! Chunks: what a crash, another process, or a row that the database refuses does to them.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    imports::{
        ImportColumn, ImportKind, ImportService, ImportState, ImportTarget, NewImport, Row,
        RowAnswer, RowOutcome, Tally,
    },
    kernel::{AccessError, Actor, DistrictCode, Jurisdiction},
    store::{StoreError, Tx},
};
use niangjia_infra::sheets::{TableFiles, Templates};
use niangjia_tests::{
    rosters,
    servers::database::Kind,
    town::office::{Office, imports},
};
use rstest::rstest;

use super::{ROSTER_ROWS, count, errors, office, roster};

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
