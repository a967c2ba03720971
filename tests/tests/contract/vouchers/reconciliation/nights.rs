//! Once a night, by one process.

use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::{
    kernel::{Actor, Clock, PageRequest, values::local_time},
    store::Store,
    vouchers::reconciliation::ports::NightlyRun,
};
use niangjia_tests::{
    rows::new_id,
    servers::database::{Kind, TestDatabase},
    town::Town,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{lunchtime, service};

/// Four in the morning of the next day.
fn night(town: &Town) {
    let tomorrow = local_time::date_of(town.clock.now()) + TimeDelta::days(1);
    town.clock.set(local_time::instant_of(
        tomorrow,
        NaiveTime::from_hms_opt(4, 0, 0).unwrap(),
    ));
}

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

#[rstest]
#[tokio::test]
async fn a_night_is_looked_at_once_and_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = lunchtime(kind).await;
    let reconciliations = service(&town, town.store.clone());
    town.execute(
        "UPDATE ledger_budgets SET reserved_fen = reserved_fen + 1",
        [],
    )
    .await;
    night(&town);
    town.clock.advance(TimeDelta::minutes(-31));
    assert!(
        reconciliations.nightly().await.unwrap().is_none(),
        "too early"
    );
    town.clock.advance(TimeDelta::minutes(31));
    let report = reconciliations.nightly().await.unwrap().unwrap();
    assert_eq!((report.found, report.totals.batches), (2, 2));
    assert!(
        reconciliations.nightly().await.unwrap().is_none(),
        "once a night"
    );
    night(&town);
    assert!(
        reconciliations.nightly().await.unwrap().is_some(),
        "and every night"
    );

    let runs = async |actor: &Actor| reconciliations.runs(actor, FIRST).await.unwrap().items;
    let own = runs(&town.checker).await;
    assert_eq!(own.len(), 2);
    assert_eq!(
        (own[1].differences.as_slice(), own[1].batches),
        (report.differences.as_slice(), 2)
    );
    assert!(own[0].day > own[1].day && own[0].finished_at.is_some());
    let elsewhere = runs(&town.cadre("370812")).await;
    assert!(
        elsewhere.len() == 2 && elsewhere.iter().all(|run| run.differences.is_empty()),
        "{elsewhere:?}"
    );
    assert!(reconciliations.runs(&town.staff, FIRST).await.is_err());
    let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'reconciliation.finished'";
    assert_eq!(town.count(audited).await, 2);
}

#[rstest]
#[tokio::test]
async fn a_run_whose_process_died_is_taken_over(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let reconciliations = service(&town, town.store.clone());
    night(&town);
    let now = town.clock.now();
    let died = NightlyRun {
        id: new_id(),
        day: local_time::date_of(now),
        started_at: now,
    };
    let mut tx = town.store.begin().await.unwrap();
    assert_eq!(
        tx.reconciliations()
            .start(&died, now - TimeDelta::hours(2))
            .await
            .unwrap(),
        Some(died.id)
    );
    tx.commit().await.unwrap();
    assert!(
        reconciliations.nightly().await.unwrap().is_none(),
        "it may still be at it"
    );
    town.clock
        .advance(TimeDelta::hours(2) + TimeDelta::seconds(1));
    let report = reconciliations.nightly().await.unwrap().unwrap();
    let mut tx = town.store.begin().await.unwrap();
    assert!(
        !tx.reconciliations()
            .finish(&died, &report, now)
            .await
            .unwrap(),
        "too late for the first"
    );
    drop(tx);
    assert_eq!(
        reconciliations
            .runs(&town.checker, FIRST)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_one_looks(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    night(&town);
    let other = Arc::new(town.database.store().await);
    let looks: Vec<_> = (0..12)
        .map(|n| {
            let store = if n % 2 == 0 {
                town.store.clone()
            } else {
                other.clone()
            };
            let service = service(&town, store);
            tokio::spawn(async move { service.nightly().await.unwrap().is_some() })
        })
        .collect();
    let mut looked = 0;
    for look in looks {
        looked += usize::from(look.await.unwrap());
    }
    assert_eq!(looked, 1);
}

#[rstest]
#[tokio::test]
async fn control_the_unique_day_is_what_keeps_the_second_out(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let again = "INSERT INTO reconciliations (id, day, started_at) VALUES ($1, '2026-06-01', $2)";
    let insert = async || {
        let values = [
            new_id::<niangjia_domain::kernel::id::kind::Reconciliation>()
                .uuid()
                .into(),
        ];
        let values = values
            .into_iter()
            .chain([niangjia_infra::system::SystemClock.now().into()]);
        let backend = store.writer().get_database_backend();
        store
            .writer()
            .execute_raw(sea_orm::Statement::from_sql_and_values(
                backend, again, values,
            ))
            .await
    };
    insert().await.unwrap();
    insert().await.unwrap_err();
    store
        .writer()
        .execute_unprepared("DROP INDEX reconciliations_day")
        .await
        .unwrap();
    insert().await.unwrap();
}
