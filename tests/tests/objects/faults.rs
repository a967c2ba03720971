//! OSS answering wrongly, slowly, half, or not at all.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use niangjia_domain::uploads::objects::{ObjectError, ObjectStore};
use niangjia_infra::objects::{OssSignature, OssStore};
use niangjia_tests::stand_ins::oss::{Mishap, OssStandIn};
use rstest::rstest;

use crate::place::{fresh_key, oss_store};

const PATIENCE: Duration = Duration::from_secs(2);

fn oss(signature: OssSignature) -> (OssStandIn, OssStore) {
    let stand_in = OssStandIn::start();
    let store = oss_store(&stand_in, signature, "testsecret", PATIENCE);
    (stand_in, store)
}

#[rstest]
#[tokio::test]
async fn passing_faults_are_tried_again(
    #[values(OssSignature::V4, OssSignature::V1)] signature: OssSignature,
) {
    let (stand_in, store) = oss(signature);
    let key = fresh_key("photos");
    stand_in.suffer([Mishap::Refuse(503), Mishap::LoseAnswer(500)]);
    store
        .put(&key, "image/jpeg", b"picture".to_vec())
        .await
        .unwrap();
    assert_eq!(stand_in.calls(), 3);

    stand_in.suffer([Mishap::CutBody]);
    assert_eq!(
        store.get(&key, 100).await.unwrap(),
        b"picture",
        "half an answer is none"
    );
    stand_in.suffer([Mishap::LoseAnswer(502)]);
    store.delete(&key).await.unwrap();
    assert_eq!(stand_in.keys(), Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn lasting_faults_are_given_up(
    #[values(OssSignature::V4, OssSignature::V1)] signature: OssSignature,
) {
    let (stand_in, store) = oss(signature);
    let key = fresh_key("photos");
    stand_in.suffer([const { Mishap::Refuse(503) }; 3]);
    let error = store
        .put(&key, "image/jpeg", b"picture".to_vec())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "object store unavailable: 503 InternalError"
    );
    assert_eq!(stand_in.calls(), 3);

    stand_in.suffer([const { Mishap::CutBody }; 3]);
    assert!(matches!(
        store.get(&key, 100).await,
        Err(ObjectError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_only_so_long() {
    let stand_in = OssStandIn::start();
    let store = oss_store(
        &stand_in,
        OssSignature::V4,
        "testsecret",
        Duration::from_millis(200),
    );
    stand_in.suffer([const { Mishap::Slow(Duration::from_secs(30)) }; 3]);
    let begun = Instant::now();
    let error = store.size(&fresh_key("photos")).await.unwrap_err();
    assert_eq!(error.to_string(), "object store unavailable: timed out");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[rstest]
#[tokio::test]
async fn what_is_wrong_here_is_not_tried_again_and_says_no_secret(
    #[values(OssSignature::V4, OssSignature::V1)] signature: OssSignature,
) {
    let stand_in = OssStandIn::start();
    let store = oss_store(&stand_in, signature, "wrong-secret", PATIENCE);
    let error = store.get(&fresh_key("photos"), 10).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "object store refuses this installation: 403 SignatureDoesNotMatch"
    );
    assert_eq!(stand_in.calls(), 1);
    assert!(matches!(
        store.probe().await,
        Err(ObjectError::Misconfigured(_))
    ));

    let (stand_in, store) = oss(signature);
    stand_in.set_clock_ahead(TimeDelta::hours(1));
    let error = store.get(&fresh_key("photos"), 10).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "object store refuses this installation: 403 RequestTimeTooSkewed"
    );
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let (stand_in, store) = oss(OssSignature::V4);
    let endpoint = stand_in.endpoint.clone();
    drop(stand_in);
    let address = endpoint.trim_start_matches("http://").to_owned();
    niangjia_tests::eventually::eventually_blocking("the port closes", || {
        std::net::TcpStream::connect(&address).err()
    });
    assert!(matches!(
        store.size(&fresh_key("photos")).await,
        Err(ObjectError::Unavailable(_))
    ));
}
