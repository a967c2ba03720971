//! One leader per job (invariant J1): however many processes ask at once, one gets a job; who does
//! not lead rests, and goes on where the leader ended or fell silent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use niangjia_api::jobs::{Job, Jobs, Leases};
use niangjia_domain::{
    jobs::{LEASE, Leadership},
    kernel::{Clock, id::ProcessId},
    store::Store,
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    clock::WoundClock,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use tokio::{
    sync::{Barrier, Notify},
    time::timeout,
};

const TAKERS: usize = 12;

fn leadership(store: &SqlStore, clock: &Arc<WoundClock>) -> Leadership {
    Leadership {
        store: Arc::new(store.clone()),
        clock: clock.clone(),
        process: ProcessId::generate(clock.now(), &SystemRandom),
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_one_leads(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let (stores, clock) = (
        [database.store().await, database.store().await],
        WoundClock::new(),
    );
    // Nobody's, then somebody's who fell silent: the insert and the update are both contended.
    for _ in 0..2 {
        let barrier = Arc::new(Barrier::new(TAKERS));
        let takers: Vec<_> = (0..TAKERS)
            .map(|n| {
                let (taker, barrier) = (leadership(&stores[n % 2], &clock), barrier.clone());
                tokio::spawn(async move {
                    assert_eq!(taker.vacant(&["test"]).await.unwrap(), ["test"]);
                    barrier.wait().await;
                    taker.lead(&["test"], &[]).await.unwrap().jobs.len()
                })
            })
            .collect();
        let mut leaders = 0;
        for taker in takers {
            leaders += taker.await.unwrap();
        }
        assert_eq!(leaders, 1);
        clock.advance(LEASE);
    }
}

/// Without the condition in the upsert: everybody who saw the job vacant leads it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_conditional_upsert_many_lead(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    leadership(&store, &clock)
        .lead(&["test"], &[])
        .await
        .unwrap();
    clock.advance(LEASE);
    let barrier = Arc::new(Barrier::new(TAKERS));
    let takers: Vec<_> = (0..TAKERS)
        .map(|_| {
            let (taker, store) = (leadership(&store, &clock), store.clone());
            let (barrier, until) = (barrier.clone(), clock.now() + LEASE);
            tokio::spawn(async move {
                let vacant = taker.vacant(&["test"]).await.unwrap();
                barrier.wait().await;
                let writer = store.writer();
                let take = Statement::from_sql_and_values(
                    writer.get_database_backend(),
                    "UPDATE job_leases SET leader = $1, until = $2",
                    [taker.process.uuid().into(), until.into()],
                );
                let took = writer.execute_raw(take).await.unwrap().rows_affected();
                vacant.len() as u64 * took
            })
        })
        .collect();
    let mut leaders = 0;
    for taker in takers {
        leaders += taker.await.unwrap();
    }
    assert_eq!(leaders, TAKERS as u64, "the control no longer races");
}

/// Counts its units, and rings with each.
type Desk = (Arc<AtomicU64>, Arc<Notify>);

fn start(store: &SqlStore, clock: &Arc<WoundClock>) -> (Jobs, Desk) {
    let job = Job::every(Duration::from_millis(1), "test", "counts", |desk: Desk| {
        Box::pin(async move {
            desk.0.fetch_add(1, Ordering::SeqCst);
            desk.1.notify_one();
            Ok(0)
        })
    });
    let desk = Desk::default();
    let leases = Leases::new(leadership(store, clock), vec!["test"]);
    (Jobs::start([job], &desk, Arc::new(leases)), desk)
}

async fn works(desk: &Desk) {
    timeout(Duration::from_secs(20), desk.1.notified())
        .await
        .expect("a unit");
}

async fn led_by(store: &SqlStore) -> Option<ProcessId> {
    let mut tx = store.read().await.unwrap();
    tx.jobs().list().await.unwrap().pop().unwrap().leader
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_lead_rests_until_the_leader_steps_down(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    let clock = WoundClock::new();
    let (first, at_first) = start(&one, &clock);
    works(&at_first).await;
    let (second, at_second) = start(&two, &clock);
    // Long enough for the second to have asked, and for hundreds of units.
    timeout(Duration::from_millis(1_500), at_second.1.notified())
        .await
        .expect_err("only one works");
    works(&at_first).await;

    first.stop().await;
    let done = at_first.0.load(Ordering::SeqCst);
    works(&at_second).await;
    assert_eq!(at_first.0.load(Ordering::SeqCst), done, "it has stopped");
    second.stop().await;
    assert_eq!(led_by(&one).await, None, "handed back");
    let mut tx = one.read().await.unwrap();
    let lease = tx.jobs().list().await.unwrap().pop().unwrap();
    assert!(lease.runs > done && lease.failures == 0, "{lease:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_fell_silent_is_succeeded(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let silent = leadership(&store, &clock);
    assert_eq!(silent.lead(&["test"], &[]).await.unwrap().jobs, ["test"]);
    let (jobs, desk) = start(&store, &clock);
    timeout(Duration::from_millis(1_500), desk.1.notified())
        .await
        .expect_err("it is led");
    assert_eq!(led_by(&store).await, Some(silent.process));
    clock.advance(LEASE);
    works(&desk).await;
    assert_ne!(led_by(&store).await, Some(silent.process));
    jobs.stop().await;
}
