//! The access token: one, shared, renewed in time, recovered once.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use niangjia_domain::{identity::wechat::WechatGateway, kernel::ports::cache::SharedValues};
use niangjia_infra::{
    cache::{MemoryValues, RedisLink, RedisSettings, RedisValues},
    system::{SystemClock, SystemRandom},
    wechat::HttpWechat,
};
use niangjia_tests::{
    servers::redis_server::RedisServer,
    stand_ins::wechat::{PHONE, SECRET, TOKEN, Trouble, WechatStandIn},
};
use rstest::rstest;

use crate::fixture::{
    Fixture, Kind, MovableClock, adapter, adapter_with, kind, settings, within_deadline,
};

#[tokio::test]
async fn many_calls_of_two_processes_fetch_one_token() {
    let shared: Arc<dyn SharedValues> = Arc::new(MemoryValues::default());
    one_token_for_both([Arc::clone(&shared), shared]).await;
}

#[tokio::test]
async fn the_same_over_redis() {
    let server = RedisServer::start();
    one_token_for_both([values_in(&server).await, values_in(&server).await]).await;
}

async fn one_token_for_both(shared: [Arc<dyn SharedValues>; 2]) {
    let stand_in = WechatStandIn::start().await;
    let processes = shared.map(|shared| adapter(&stand_in, shared, Arc::new(SystemClock)));
    stand_in.misbehave(TOKEN, [Trouble::Slow(Duration::from_millis(200))]);
    assert_eq!(phones(&processes, 40, 0).await, 40);
    assert_eq!(stand_in.calls(TOKEN).len(), 1);

    // It ends early, and everybody notices at once: one refresh again.
    stand_in.end_token();
    stand_in.misbehave(TOKEN, [Trouble::Slow(Duration::from_millis(200))]);
    assert_eq!(phones(&processes, 40, 40).await, 40);
    assert_eq!(stand_in.calls(TOKEN).len(), 2);
}

async fn values_in(server: &RedisServer) -> Arc<dyn SharedValues> {
    let link = RedisLink::open(
        RedisSettings::new(server.url().into()),
        Arc::new(SystemRandom),
    )
    .await
    .unwrap();
    Arc::new(RedisValues::new(link))
}

/// The control: two processes that share nothing fetch twice.
#[tokio::test]
async fn without_a_shared_store_each_process_fetches() {
    let stand_in = WechatStandIn::start().await;
    let processes = [0, 1].map(|_| {
        adapter(
            &stand_in,
            Arc::new(MemoryValues::default()),
            Arc::new(SystemClock),
        )
    });
    assert_eq!(phones(&processes, 40, 0).await, 40);
    assert_eq!(stand_in.calls(TOKEN).len(), 2);
}

/// How many of `count` different phone codes succeed, spread over the processes.
async fn phones(processes: &[HttpWechat], count: usize, from: usize) -> usize {
    let codes: Vec<String> = (from..from + count)
        .map(|n| format!("phone:138{n:08}"))
        .collect();
    let calls = codes
        .iter()
        .zip(processes.iter().cycle())
        .map(|(code, process)| process.phone_number(code, "o-1"));
    join_all(calls)
        .await
        .iter()
        .filter(|phone| phone.is_ok())
        .count()
}

#[rstest]
#[case(40001)]
#[case(40014)]
#[case(42001)]
#[tokio::test]
async fn a_refused_token_is_replaced_once(#[case] errcode: i64) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(PHONE, [Trouble::Code(errcode)]);
    assert!(
        wechat
            .phone_number("phone:13800000001", "o-1")
            .await
            .is_ok()
    );
    assert_eq!(
        (stand_in.calls(TOKEN).len(), stand_in.calls(PHONE).len()),
        (2, 2)
    );

    stand_in.misbehave(
        PHONE,
        [
            Trouble::Code(errcode),
            Trouble::Code(errcode),
            Trouble::Code(errcode),
        ],
    );
    assert_eq!(
        kind(
            &wechat
                .phone_number("phone:13800000002", "o-1")
                .await
                .unwrap_err()
        ),
        Kind::Unavailable
    );
    assert_eq!(stand_in.calls(PHONE).len(), 4, "never a loop");
    assert!(
        stand_in
            .calls(TOKEN)
            .iter()
            .all(|call| call.json()["force_refresh"] == false)
    );
}

#[tokio::test]
async fn a_colleagues_newer_token_is_used_instead_of_a_refresh() {
    let stand_in = WechatStandIn::start().await;
    let shared: Arc<dyn SharedValues> = Arc::new(MemoryValues::default());
    let [one, other] =
        [0, 1].map(|_| adapter(&stand_in, Arc::clone(&shared), Arc::new(SystemClock)));
    one.phone_number("phone:13800000001", "o-1").await.unwrap();
    other
        .phone_number("phone:13800000002", "o-1")
        .await
        .unwrap();
    stand_in.end_token();
    one.phone_number("phone:13800000003", "o-1").await.unwrap();
    other
        .phone_number("phone:13800000004", "o-1")
        .await
        .unwrap();
    assert_eq!(stand_in.calls(TOKEN).len(), 2);
    assert_eq!(stand_in.calls(PHONE).len(), 6, "each process stumbled once");
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_its_end() {
    let (stand_in, clock) = (WechatStandIn::start().await, MovableClock::new());
    let wechat = adapter(
        &stand_in,
        Arc::new(MemoryValues::default()),
        Arc::clone(&clock) as _,
    );
    wechat
        .phone_number("phone:13800000001", "o-1")
        .await
        .unwrap();
    clock.advance(6899);
    wechat
        .phone_number("phone:13800000002", "o-1")
        .await
        .unwrap();
    assert_eq!(stand_in.calls(TOKEN).len(), 1);
    clock.advance(2);
    wechat
        .phone_number("phone:13800000003", "o-1")
        .await
        .unwrap();
    assert_eq!(stand_in.calls(TOKEN).len(), 2);
}

#[tokio::test]
async fn while_no_new_token_comes_the_old_one_serves_to_its_end() {
    let (stand_in, clock) = (WechatStandIn::start().await, MovableClock::new());
    let wechat = adapter(
        &stand_in,
        Arc::new(MemoryValues::default()),
        Arc::clone(&clock) as _,
    );
    wechat
        .phone_number("phone:13800000001", "o-1")
        .await
        .unwrap();
    clock.advance(6901);
    stand_in.misbehave(TOKEN, [Trouble::Slow(Duration::from_secs(20))]);
    within_deadline(wechat.phone_number("phone:13800000002", "o-1"))
        .await
        .unwrap();
    wechat
        .phone_number("phone:13800000003", "o-1")
        .await
        .unwrap();
    assert_eq!(
        stand_in.calls(TOKEN).len(),
        2,
        "and is not asked for again at once"
    );
    clock.advance(300);
    stand_in.misbehave(TOKEN, [Trouble::Garbage(502)]);
    assert_eq!(
        kind(
            &wechat
                .phone_number("phone:13800000004", "o-1")
                .await
                .unwrap_err()
        ),
        Kind::Unavailable
    );
}

#[rstest]
#[case(40001, Kind::Misconfigured)]
#[case(40002, Kind::Misconfigured)]
#[case(40013, Kind::Misconfigured)]
#[case(40125, Kind::Misconfigured)]
#[case(40164, Kind::Misconfigured)]
#[case(40243, Kind::Misconfigured)]
#[case(41002, Kind::Misconfigured)]
#[case(41004, Kind::Misconfigured)]
#[case(50007, Kind::Misconfigured)]
#[case(61024, Kind::Misconfigured)]
#[case(45009, Kind::TooOften)]
#[tokio::test]
async fn a_token_refused_for_good_is_not_asked_for_twice(
    #[case] errcode: i64,
    #[case] expected: Kind,
) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(TOKEN, [Trouble::Code(errcode)]);
    assert_eq!(
        kind(&wechat.phone_number("phone:x", "o-1").await.unwrap_err()),
        expected
    );
    assert_eq!(
        (stand_in.calls(TOKEN).len(), stand_in.calls(PHONE).len()),
        (1, 0)
    );
}

#[tokio::test]
async fn busy_at_the_token_is_retried() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(TOKEN, [Trouble::Code(-1), Trouble::Code(-1)]);
    assert!(
        wechat
            .phone_number("phone:13800000001", "o-1")
            .await
            .is_ok()
    );
}

/// A process that died while refreshing holds nobody up for long.
#[tokio::test]
async fn an_abandoned_lease_is_waited_for_a_second() {
    let stand_in = WechatStandIn::start().await;
    let shared = Arc::new(MemoryValues::default());
    let lease = format!("wechat:{}:lease", settings(&stand_in).appid);
    assert!(
        shared
            .take_lease(&lease, "the dead", Duration::from_secs(60))
            .await
    );
    let wechat = adapter(&stand_in, shared, Arc::new(SystemClock));
    within_deadline(wechat.phone_number("phone:13800000001", "o-1"))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_probe_shows_whether_our_credentials_are_right() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    wechat.probe().await.unwrap();
    let mut wrong = settings(&stand_in);
    wrong.secret = format!("{SECRET}-wrong").into();
    let wrong = adapter_with(
        wrong,
        Arc::new(MemoryValues::default()),
        Arc::new(SystemClock),
    );
    let error = wrong.probe().await.unwrap_err();
    assert!(
        error.to_string().contains("secret"),
        "says what to mend: {error}"
    );
    let mut nowhere = settings(&stand_in);
    nowhere.base_url = "http://127.0.0.1:1".into();
    let nowhere = adapter_with(
        nowhere,
        Arc::new(MemoryValues::default()),
        Arc::new(SystemClock),
    );
    assert_eq!(kind(&nowhere.probe().await.unwrap_err()), Kind::Unavailable);
}
