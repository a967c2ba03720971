//! Rate limits: burst, refill, separate keys, many at once, two processes, no subject in clear.

use std::time::Duration;

use futures_util::future::join_all;
use niangjia_domain::kernel::ports::cache::Quota;
use niangjia_tests::{eventually::eventually_so, servers::redis_server::RedisServer};
use rstest::rstest;

use crate::backend::{Backend, Process};

const SLOW: Quota = Quota {
    burst: 10,
    per_minute: 1,
};

#[rstest]
#[tokio::test]
async fn a_burst_passes_and_the_next_waits(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let limiter = Process::start(backend).await.limiter;
    let answers = join_all((0..50).map(|_| limiter.check("phone:1", SLOW))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    let wait = limiter.check("phone:1", SLOW).await.unwrap_err();
    assert!(
        wait > Duration::from_secs(50) && wait <= Duration::from_secs(60),
        "{wait:?}"
    );
    assert_eq!(
        limiter.check("phone:2", SLOW).await,
        Ok(()),
        "others are not held up"
    );
}

#[rstest]
#[tokio::test]
async fn after_the_wait_it_passes(#[values(Backend::Memory, Backend::Redis)] backend: Backend) {
    let process = Process::start(backend).await;
    let quick = Quota {
        burst: 1,
        per_minute: 600,
    };
    assert_eq!(process.limiter.check("ip:1", quick).await, Ok(()));
    let wait = process.limiter.check("ip:1", quick).await.unwrap_err();
    assert!(wait <= Duration::from_millis(100), "{wait:?}");
    eventually_so("the limit refills", async || {
        process.limiter.check("ip:1", quick).await.is_ok()
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn zero_counts_as_one(#[values(Backend::Memory, Backend::Redis)] backend: Backend) {
    let limiter = Process::start(backend).await.limiter;
    let nothing = Quota {
        burst: 0,
        per_minute: 0,
    };
    assert_eq!(limiter.check("ip:1", nothing).await, Ok(()));
    assert!(limiter.check("ip:1", nothing).await.is_err());
}

#[tokio::test]
async fn two_processes_count_together() {
    let server = RedisServer::start();
    let (one, other) = (Process::on(&server).await, Process::on(&server).await);
    let answers = join_all((0..40).map(|n| {
        if n % 2 == 0 {
            one.limiter.check("ip:1", SLOW)
        } else {
            other.limiter.check("ip:1", SLOW)
        }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
}

#[tokio::test]
async fn no_subject_reaches_redis_in_clear() {
    let server = RedisServer::start();
    let process = Process::on(&server).await;
    process
        .limiter
        .check("phone:13800000001", SLOW)
        .await
        .unwrap();
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query(&mut server.client())
        .unwrap();
    assert!(
        keys.iter()
            .any(|key| key.starts_with("niangjia:limit:phone:")),
        "{keys:?}"
    );
    assert!(
        !keys.iter().any(|key| key.contains("13800000001")),
        "{keys:?}"
    );
}
