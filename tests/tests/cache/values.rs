//! Shared values and leases.

use std::time::Duration;

use futures_util::future::join_all;
use niangjia_tests::{eventually::eventually_so, servers::redis_server::RedisServer};
use rstest::rstest;

use crate::backend::{Backend, Process, TTL};

#[rstest]
#[tokio::test]
async fn a_value_is_read_until_removed_or_over(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    let values = &process.values;
    assert_eq!(values.read("token").await, None);
    values.write("token", "一", TTL).await;
    values.write("token", "二", TTL).await;
    assert_eq!(values.read("token").await.as_deref(), Some("二"));
    values.remove("token").await;
    assert_eq!(values.read("token").await, None);
    values.write("token", "三", Duration::from_millis(30)).await;
    eventually_so("the value expires", async || {
        values.read("token").await.is_none()
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn of_many_one_takes_the_lease(#[values(Backend::Memory, Backend::Redis)] backend: Backend) {
    let process = Process::start(backend).await;
    let holders: Vec<String> = (0..32).map(|n| format!("holder {n}")).collect();
    let taken = join_all(
        holders
            .iter()
            .map(|holder| process.values.take_lease("job", holder, TTL)),
    )
    .await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

#[rstest]
#[tokio::test]
async fn a_lease_is_given_back_by_its_holder_only(
    #[values(Backend::Memory, Backend::Redis)] backend: Backend,
) {
    let process = Process::start(backend).await;
    let values = &process.values;
    assert!(values.take_lease("job", "one", TTL).await);
    values.release_lease("job", "other").await;
    assert!(!values.take_lease("job", "other", TTL).await);
    values.release_lease("job", "one").await;
    assert!(
        values
            .take_lease("job", "other", Duration::from_millis(30))
            .await
    );
    eventually_so("the lease ends", async || {
        values.take_lease("job", "one", TTL).await
    })
    .await;
}

#[tokio::test]
async fn processes_share_values_and_leases() {
    let server = RedisServer::start();
    let (one, other) = (Process::on(&server).await, Process::on(&server).await);
    one.values.write("token", "t", TTL).await;
    assert_eq!(other.values.read("token").await.as_deref(), Some("t"));
    assert!(one.values.take_lease("job", "one", TTL).await);
    assert!(!other.values.take_lease("job", "other", TTL).await);
}
