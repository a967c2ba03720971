//! The object store away, or somebody else's.

use std::{sync::Arc, time::Duration};

use niangjia_infra::{
    objects::{Darkroom, OssSettings, OssSignature, OssStore},
    system::SystemClock,
};
use niangjia_tests::{
    photo::jpeg_with_gps,
    servers::database::Kind,
    stand_ins::oss::{Mishap, OssStandIn},
    town::uploads::UploadTown,
};
use rstest::rstest;
use serde_json::json;

use super::{complete, posted, signed_in};

#[rstest]
#[tokio::test]
async fn while_oss_is_down_photos_wait_and_nothing_is_lost(
    #[values(OssSignature::V4, OssSignature::V1)] version: OssSignature,
) {
    let town = UploadTown::new(Kind::Sqlite).await;
    let stand_in = OssStandIn::start();
    let oss = OssStore::new(
        &OssSettings {
            signature: version,
            bucket: stand_in.bucket.clone(),
            region: stand_in.account.region.clone(),
            endpoint: Some(stand_in.endpoint.clone()),
            access_key_id: stand_in.account.access_key_id.clone(),
            access_key_secret: stand_in.account.access_key_secret.clone().into(),
            attempt_timeout: Duration::from_secs(2),
        },
        reqwest::Client::new(),
        Arc::new(SystemClock),
    );
    let service = town.service_on(Arc::new(oss.unwrap()), Arc::new(Darkroom::new()));
    let worker = signed_in(&town.serve(service.clone()), &town.worker().await);
    let id = posted(&worker, jpeg_with_gps(64, 48)).await;

    let outages = [
        (
            "at the first look",
            [const { Mishap::Refuse(503) }; 3].to_vec(),
        ),
        (
            "while reading",
            [
                &[Mishap::Slow(Duration::ZERO)][..],
                &[const { Mishap::CutBody }; 3],
            ]
            .concat(),
        ),
        (
            "while writing",
            [
                &[const { Mishap::Slow(Duration::ZERO) }; 2][..],
                &[const { Mishap::Refuse(500) }; 3],
            ]
            .concat(),
        ),
    ];
    for (when, outage) in outages {
        stand_in.suffer(outage);
        let answer = complete(&worker, &id)
            .await
            .expect_problem(503, "object_store_unavailable")
            .unwrap();
        assert!(answer.header("retry-after").is_some(), "{when}");
        assert_eq!(
            worker.get(&format!("/uploads/{id}")).await.body["status"],
            "awaiting_object",
            "{when}"
        );
    }
    let ready = complete(&worker, &id).await.expect_status(200).unwrap();
    assert_eq!(ready.text("status").unwrap(), "ready");
    assert!(worker.download(ready.text("url").unwrap()).await.is_ok());
    assert_eq!(
        stand_in.keys().len(),
        2,
        "photo and thumbnail; the original is gone"
    );

    // Settled, but the original could not be deleted: the sweep does it.
    let other = posted(&worker, jpeg_with_gps(64, 48)).await;
    let calls_before_deletion = [const { Mishap::Slow(Duration::ZERO) }; 4];
    stand_in.suffer(
        [
            &calls_before_deletion[..],
            &[const { Mishap::Refuse(503) }; 3],
        ]
        .concat(),
    );
    assert_eq!(complete(&worker, &other).await.body["status"], "ready");
    assert_eq!(stand_in.keys().len(), 5);
    assert_eq!(service.sweep().await.unwrap(), 1);
    assert_eq!(stand_in.keys().len(), 4);
}

#[tokio::test]
async fn without_the_embedded_store_its_urls_do_not_exist() {
    let town = UploadTown::new(Kind::Sqlite).await;
    let stranger = town.serve(town.service());
    let read = stranger
        .get("/local-objects/photos/a.jpg?expires=9999999999&signature=00")
        .await;
    read.expect_problem(404, "not_found").unwrap();
    stranger
        .post("/local-objects/", json!({}))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
}
