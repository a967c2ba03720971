//! Processes that start at once on an empty database: one migrates, the others wait, nobody fails.

use niangjia_infra::sql::{migrate, steps};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use sea_orm::ConnectionTrait;

/// The schema taken away again.
async fn emptied(kind: Kind) -> TestDatabase {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    match kind {
        Kind::Postgres => {
            store
                .writer()
                .execute_unprepared("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                .await
                .unwrap();
        }
        Kind::Sqlite => std::fs::remove_file(database.url.trim_start_matches("sqlite://")).unwrap(),
    }
    database
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_migrate_once(#[case] kind: Kind) {
    let database = std::sync::Arc::new(emptied(kind).await);
    let starts = (0..6).map(|_| {
        let database = database.clone();
        tokio::spawn(async move {
            migrate(database.store().await.writer())
                .await
                .unwrap()
                .len()
        })
    });
    let mut applied = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        applied.push(start.await.unwrap());
    }
    applied.retain(|steps| *steps > 0);
    let all = steps(database.store().await.writer()).await.unwrap();
    assert_eq!(applied, [all.len()], "one process applies everything");
    assert!(all.iter().all(|step| step.applied));
}
