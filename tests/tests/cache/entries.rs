//! Entries: hit, miss, invalidation, generations, single flight.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use niangjia_domain::kernel::ports::cache::{Cache, FillPermit, Lookup, Namespace, read_through};
use niangjia_tests::eventually::eventually_so;
use rstest::rstest;
use tokio::time::{Instant, sleep};

use crate::backend::{Backend, Process, Seen, TTL};

#[rstest]
#[tokio::test]
async fn what_was_put_is_hit_and_nothing_else_is(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    assert_eq!(process.seen("one").await, Seen::Miss);
    process.keep("one", "值 1").await;
    assert_eq!(process.seen("one").await, Seen::hit("值 1"));
    assert_eq!(process.seen("two").await, Seen::Miss);
    assert!(
        matches!(
            process.cache.get(Namespace::Stations, "one").await,
            Lookup::Miss(_)
        ),
        "namespaces are apart"
    );
}

#[rstest]
#[tokio::test]
async fn an_invalidation_forgets_its_namespace_only(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    process.keep("one", "1").await;
    process.keep("two", "2").await;
    process.cache.invalidate(Namespace::Stations).await;
    assert_eq!(process.seen("one").await, Seen::hit("1"));
    process.cache.invalidate(Namespace::Wishes).await;
    assert_eq!(process.seen("one").await, Seen::Miss);
    assert_eq!(process.seen("two").await, Seen::Miss);
}

#[rstest]
#[tokio::test]
async fn a_late_put_from_before_an_invalidation_is_invisible(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    let early = process.permit("one").await;
    process.cache.invalidate(Namespace::Wishes).await;
    process.cache.put(early, "stale".into(), TTL).await;
    assert_eq!(process.seen("one").await, Seen::Miss);
    process.keep("one", "fresh").await;
    assert_eq!(process.seen("one").await, Seen::hit("fresh"));
}

#[rstest]
#[tokio::test]
async fn an_entry_expires(#[values(Backend::Memory, Backend::Redis)] backend: Backend) {
    let process = Process::start(backend).await;
    let permit = process.permit("one").await;
    process
        .cache
        .put(permit, "1".into(), Duration::from_millis(50))
        .await;
    eventually_so("the entry expires", async || {
        process.seen("one").await == Seen::Miss
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn of_many_readers_one_loads(#[values(Backend::Memory, Backend::Redis)] backend: Backend) {
    let process = Process::start(backend).await;
    assert_eq!(loads_by_many_readers(&*process.cache).await, 1);
    // The control: the same without the flight in the permit.
    let process = Process::start(backend).await;
    assert!(loads_by_many_readers(&WithoutFlight(Arc::clone(&process.cache))).await > 1);
}

#[rstest]
#[tokio::test]
async fn when_a_load_fails_the_next_reader_tries(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    let loads = AtomicUsize::new(0);
    let readers = (0..16).map(|_| {
        read_through(&*process.cache, Namespace::Wishes, "one", TTL, async {
            let nth = loads.fetch_add(1, Ordering::SeqCst);
            sleep(Duration::from_millis(5)).await;
            if nth == 0 {
                Err("the first fails")
            } else {
                Ok(7)
            }
        })
    });
    let answers = join_all(readers).await;
    assert_eq!(
        answers.iter().filter(|answer| **answer == Ok(7)).count(),
        15
    );
    assert_eq!(loads.load(Ordering::SeqCst), 2);
}

#[rstest]
#[tokio::test]
async fn nobody_waits_long_for_a_load_that_hangs(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    let hanging = process.permit("one").await;
    let begun = Instant::now();
    let permit = process.permit("one").await;
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "waited {:?}",
        begun.elapsed()
    );
    assert!(permit.flight.is_none(), "the first still flies");
    process.cache.put(permit, "1".into(), TTL).await;
    drop(hanging);
    assert_eq!(process.seen("one").await, Seen::hit("1"));
}

async fn loads_by_many_readers(cache: &dyn Cache) -> usize {
    let loads = AtomicUsize::new(0);
    let readers = (0..64).map(|_| {
        read_through(cache, Namespace::Wishes, "wall", TTL, async {
            loads.fetch_add(1, Ordering::SeqCst);
            sleep(Duration::from_millis(50)).await;
            Ok::<_, ()>(42)
        })
    });
    assert!(
        join_all(readers)
            .await
            .iter()
            .all(|answer| *answer == Ok(42))
    );
    loads.load(Ordering::SeqCst)
}

/// Throws the flights of tickets away.
struct WithoutFlight(Arc<dyn Cache>);

#[async_trait::async_trait]
impl Cache for WithoutFlight {
    async fn get(&self, namespace: Namespace, key: &str) -> Lookup {
        match self.0.get(namespace, key).await {
            Lookup::Miss(permit) => Lookup::Miss(FillPermit {
                flight: None,
                ..permit
            }),
            other => other,
        }
    }

    async fn put(&self, permit: FillPermit, value: Vec<u8>, ttl: Duration) {
        self.0.put(permit, value, ttl).await;
    }

    async fn invalidate(&self, namespace: Namespace) {
        self.0.invalidate(namespace).await;
    }

    async fn healthy(&self) -> Option<bool> {
        self.0.healthy().await
    }
}
