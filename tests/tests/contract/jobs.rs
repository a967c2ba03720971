//! Contract of the jobs' leases (invariant J1).

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    jobs::{JobFailure, JobLease, JobReport, LEASE},
    kernel::{Clock, id::ProcessId},
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;

const JOBS: [&str; 2] = ["sweeping", "washing"];

fn process() -> ProcessId {
    ProcessId::generate(SystemClock.now(), &SystemRandom)
}

/// To the microsecond, as both databases keep it.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(SystemClock.now().timestamp_micros()).unwrap()
}

async fn take(store: &SqlStore, jobs: &[&str], by: ProcessId, at: DateTime<Utc>) -> Vec<String> {
    let mut tx = store.begin().await.unwrap();
    let mut taken = tx.jobs().take(jobs, by, at, at + LEASE).await.unwrap();
    tx.commit().await.unwrap();
    taken.sort();
    taken
}

async fn report(store: &SqlStore, by: ProcessId, report: JobReport) {
    let mut tx = store.begin().await.unwrap();
    tx.jobs().report(by, &[report]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn lease(store: &SqlStore, job: &str) -> JobLease {
    let all = store.read().await.unwrap().jobs().list().await.unwrap();
    all.into_iter().find(|lease| lease.job == job).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_job_has_one_leader_who_renews_until_it_is_silent_for_too_long(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    let ([first, second], start) = ([process(), process()], now());
    assert_eq!(take(&one, &JOBS, first, start).await, JOBS);
    assert!(take(&two, &JOBS, second, start).await.is_empty(), "led");

    let renewed = start + TimeDelta::seconds(10);
    assert_eq!(take(&one, &JOBS[..1], first, renewed).await, JOBS[..1]);
    let kept = lease(&one, "sweeping").await;
    assert_eq!((kept.taken_at, kept.until), (start, renewed + LEASE));

    let ends = start + LEASE;
    let before = ends - TimeDelta::milliseconds(1);
    assert!(
        take(&two, &JOBS, second, before).await.is_empty(),
        "a moment too early"
    );
    assert_eq!(take(&two, &JOBS, second, ends).await, ["washing"]);
    assert!(take(&one, &["washing"], first, ends).await.is_empty());
    let stolen = lease(&one, "washing").await;
    assert_eq!((stolen.leader, stolen.taken_at), (Some(second), ends));
    assert_eq!(take(&two, &JOBS, second, renewed + LEASE).await, JOBS);
}

#[rstest]
#[tokio::test]
async fn what_is_handed_back_is_anybodys_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let ([first, second], start) = ([process(), process()], now());
    take(&store, &JOBS, first, start).await;

    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.jobs().release(second, start).await.unwrap(),
        0,
        "not its own"
    );
    assert_eq!(tx.jobs().release(first, start).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(lease(&store, "washing").await.leader_at(start), None);
    assert_eq!(take(&store, &JOBS, second, start).await, JOBS);
}

#[rstest]
#[tokio::test]
async fn a_leader_reports_and_nobody_else(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let ([first, second], start) = ([process(), process()], now());
    take(&store, &JOBS, first, start).await;

    let failure = JobFailure {
        at: start,
        cause: "没有这张表: no such table".to_owned(),
    };
    let mut failed = JobReport::of("washing");
    failed.failed(failure.clone());
    report(&store, first, failed.clone()).await;
    report(&store, second, failed).await;
    let later = start + TimeDelta::seconds(1);
    let mut done = JobReport::of("washing");
    done.succeeded(start);
    done.succeeded(later);
    report(&store, first, done).await;

    let found = lease(&store, "washing").await;
    assert_eq!((found.runs, found.failures), (2, 1));
    assert_eq!(found.last_success_at, Some(later));
    assert_eq!(found.last_failure, Some(failure));
    assert_eq!(found.trouble(), None, "it works again");
    let other = lease(&store, "sweeping").await;
    assert_eq!(
        (other.runs, other.failures, other.last_failure),
        (0, 0, None)
    );
}
