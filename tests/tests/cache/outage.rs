//! Redis absent, killed, frozen, flushed, restarted from an old snapshot: bounded waiting, and
//! never a stale answer.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use niangjia_domain::kernel::ports::cache::{Namespace, Quota, read_through};
use niangjia_tests::{eventually::eventually_so, servers::redis_server::RedisServer};
use tokio::time::{Instant, sleep};

use crate::backend::{Process, Seen, TTL};

/// What one question may cost at the moment Redis goes; generous, because machines under test are
/// busy.
const ONE_WAIT: Duration = Duration::from_secs(1);

/// Once an outage is known, a thousand questions cost next to nothing.
async fn outage_is_free(process: &Process) {
    let begun = Instant::now();
    for _ in 0..1000 {
        assert_eq!(process.seen("one").await, Seen::Away);
    }
    assert!(begun.elapsed() < ONE_WAIT, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn down_at_start_everything_goes_on_and_heals_by_itself() {
    let mut server = RedisServer::stopped();
    let begun = Instant::now();
    let process = Process::connecting(&server).await;
    assert!(begun.elapsed() < ONE_WAIT * 2);
    assert_eq!(process.cache.healthy().await, Some(false));
    outage_is_free(&process).await;

    let quota = Quota {
        burst: 2,
        per_minute: 1,
    };
    assert_eq!(process.limiter.check("ip:1", quota).await, Ok(()));
    assert_eq!(process.limiter.check("ip:1", quota).await, Ok(()));
    assert!(
        process.limiter.check("ip:1", quota).await.is_err(),
        "counted in this process meanwhile"
    );
    assert!(
        process.values.take_lease("job", "one", TTL).await,
        "work twice rather than never"
    );
    assert_eq!(process.values.read("token").await, None);
    process.values.write("token", "lost", TTL).await;
    process.cache.invalidate(Namespace::Wishes).await;

    server.restart();
    process.until_serving().await;
    process.keep("one", "1").await;
    assert_eq!(process.seen("one").await, Seen::hit("1"));
}

#[tokio::test]
async fn killed_half_way_costs_one_wait_and_heals() {
    let mut server = RedisServer::start();
    let process = Process::on(&server).await;
    process.keep("one", "1").await;
    let held = process.permit("two").await;
    server.kill();
    let begun = Instant::now();
    assert_eq!(process.seen("one").await, Seen::Away);
    process.cache.put(held, "2".into(), TTL).await;
    process.cache.invalidate(Namespace::Wishes).await;
    assert!(begun.elapsed() < ONE_WAIT, "{:?}", begun.elapsed());
    outage_is_free(&process).await;
    server.restart();
    process.until_serving().await;
    assert_eq!(process.seen("one").await, Seen::Miss);
}

#[tokio::test]
async fn frozen_costs_one_wait_and_the_invalidation_it_missed_is_made_up_for() {
    let server = RedisServer::start();
    // The reader asks during the outage, the idler does not.
    let (writer, reader, idler) = (
        Process::on(&server).await,
        Process::on(&server).await,
        Process::on(&server).await,
    );
    writer.keep("one", "old").await;
    assert_eq!(reader.seen("one").await, Seen::hit("old"));
    server.freeze();
    let begun = Instant::now();
    writer.cache.invalidate(Namespace::Wishes).await;
    assert!(begun.elapsed() < ONE_WAIT, "{:?}", begun.elapsed());
    assert_eq!(reader.seen("one").await, Seen::Away);
    outage_is_free(&reader).await;
    idler.until_healthy(false).await;
    server.thaw();
    for process in [&writer, &reader, &idler] {
        process.until_serving().await;
        assert_eq!(process.seen("one").await, Seen::Miss);
    }
}

#[tokio::test]
async fn flushed_means_missed() {
    let server = RedisServer::start();
    let process = Process::on(&server).await;
    let early = process.permit("one").await;
    let () = redis::cmd("FLUSHALL").query(&mut server.client()).unwrap();
    process.cache.put(early, "from before".into(), TTL).await;
    assert_eq!(process.seen("one").await, Seen::Miss);
    process.keep("one", "1").await;
    assert_eq!(process.seen("one").await, Seen::hit("1"));
}

#[tokio::test]
async fn an_old_snapshot_is_not_believed() {
    let mut server = RedisServer::start();
    let process = Process::on(&server).await;
    process.keep("one", "old").await;
    let () = redis::cmd("SAVE").query(&mut server.client()).unwrap();
    process.cache.invalidate(Namespace::Wishes).await;
    server.restart();
    // The control: the old entry is really back.
    let back: bool = redis::cmd("EXISTS")
        .arg("niangjia:wishes:one")
        .query(&mut server.client())
        .unwrap();
    assert!(back);
    let mut last = Seen::Away;
    eventually_so("there is an answer", async || {
        last = process.seen("one").await;
        last != Seen::Away
    })
    .await;
    assert_eq!(last, Seen::Miss);
}

#[tokio::test]
async fn an_invalidation_reaches_other_processes_at_once() {
    let server = RedisServer::start();
    let (one, other) = (Process::on(&server).await, Process::on(&server).await);
    one.keep("one", "old").await;
    assert_eq!(other.seen("one").await, Seen::hit("old"));
    one.cache.invalidate(Namespace::Wishes).await;
    assert_eq!(other.seen("one").await, Seen::Miss);
}

/// A writer changes the truth and invalidates; readers elsewhere must never see less than what was
/// acknowledged before they asked, whatever happens to Redis. The writer is slower to come back
/// than the reader: without the probation this test fails three times in four.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_kills_and_freezes_no_reader_sees_the_past() {
    let mut server = RedisServer::start();
    let (writer, reader) = (
        Process::checking_every(800, &server).await,
        Process::on(&server).await,
    );
    let (truth, acknowledged, hits) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let writing = async {
        loop {
            let version = truth.fetch_add(1, Ordering::SeqCst) + 1;
            writer.cache.invalidate(Namespace::Wishes).await;
            acknowledged.store(version, Ordering::SeqCst);
            sleep(Duration::from_millis(7)).await;
        }
    };
    let reading = async {
        loop {
            let at_least = acknowledged.load(Ordering::SeqCst);
            let mut loaded = false;
            let load = async {
                loaded = true;
                Ok::<_, ()>(truth.load(Ordering::SeqCst))
            };
            let seen = read_through(&*reader.cache, Namespace::Wishes, "one", TTL, load)
                .await
                .unwrap();
            assert!(
                seen >= at_least,
                "saw {seen} after {at_least} was acknowledged"
            );
            hits.fetch_add(u64::from(!loaded), Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    };
    let trouble = tokio::task::spawn_blocking(move || {
        for frozen_ms in [30, 700] {
            server.freeze();
            pause(frozen_ms);
            server.thaw();
            pause(1500);
            server.kill();
            // Long enough for the writer to look for Redis only now and then.
            pause(1500);
            server.restart();
            pause(2500);
        }
    });
    tokio::select! { () = writing => {}, () = reading => {}, done = trouble => done.unwrap() }
    assert!(
        hits.load(Ordering::SeqCst) > 100,
        "the cache was in use: {hits:?}"
    );
}

fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}
