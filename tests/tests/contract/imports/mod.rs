//! Imports on both databases: what is taken, what is refused (M11: one broken row stops no other),
//! and what a crash leaves behind.

mod areas;
mod chunks;
mod files;
mod rows;

use niangjia_domain::{
    imports::NewImport,
    kernel::{PageRequest, id::ImportId},
    membership::ROSTER,
};
use niangjia_tests::{
    rosters::Line,
    servers::database::{Kind, TestDatabase},
    town::office::Office,
};
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
