//! The uploads API: a photo's way from the form to its URLs, and everything that can go wrong on
//! it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use niangjia_domain::{
    kernel::Actor,
    store::Store,
    uploads::objects::{CleanPhoto, PhotoError, PhotoStudio},
};
use niangjia_infra::{
    objects::{Darkroom, OssSettings, OssSignature, OssStore},
    system::SystemClock,
};
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    database::Kind,
    oss_stand_in::{Mishap, OssStandIn},
    photo::jpeg_with_gps,
    uploads::UploadBench,
};
use rstest::rstest;
use serde_json::{Value, json};

fn signed_in(stranger: &Client, actor: &Actor) -> Client {
    stranger.with_token(&actor.account_id.to_string())
}

fn new_photo() -> Value {
    json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": 20_000 })
}

async fn created(worker: &Client) -> Value {
    worker
        .post_once("/uploads", new_photo())
        .await
        .expect_status(201)
        .unwrap()
        .body
}

async fn posted(worker: &Client, file: Vec<u8>) -> String {
    let upload = created(worker).await;
    worker
        .upload(&upload["form"], file, "image/jpeg")
        .await
        .expect_status(200)
        .unwrap();
    upload["id"].as_str().unwrap().to_owned()
}

async fn complete(worker: &Client, id: &str) -> Reply {
    worker
        .post(&format!("/uploads/{id}/completion"), json!({}))
        .await
}

#[rstest]
#[tokio::test]
async fn a_photo_comes_in_and_is_safe_to_show(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let bench = UploadBench::new(kind).await;
    let worker = signed_in(&bench.serve(bench.service()), &bench.worker().await);
    let upload = created(&worker).await;
    let path = format!("/uploads/{}", upload["id"].as_str().unwrap());
    assert_eq!(
        worker.get(&path).await.body,
        json!({ "id": upload["id"], "status": "awaiting_object" })
    );

    worker
        .upload(&upload["form"], jpeg_with_gps(640, 480), "image/jpeg")
        .await
        .expect_status(200)
        .unwrap();
    let ready = worker
        .post(&format!("{path}/completion"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(ready.text("status").unwrap(), "ready");
    assert_eq!(
        worker
            .post(&format!("{path}/completion"), json!({}))
            .await
            .body["status"],
        "ready",
        "may be repeated"
    );

    let again = worker.get(&path).await.expect_status(200).unwrap();
    assert_eq!(again.header("cache-control"), Some("no-store"));
    for (url, width, height) in [("url", 480, 640), ("thumbnailUrl", 240, 320)] {
        let bytes = worker.download(again.text(url).unwrap()).await.unwrap();
        let picture =
            image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
        assert_eq!(
            (picture.width(), picture.height()),
            (width, height),
            "{url}: upright"
        );
        assert!(
            !bytes.windows(10).any(|window| window == b"GPS-CANARY"),
            "{url}"
        );
    }
    let left: Vec<_> = std::fs::read_dir(bench.local.folder.join("tmp"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "the original is gone");
    let trail = bench
        .store
        .read()
        .await
        .unwrap()
        .audit()
        .unsealed(10)
        .await
        .unwrap();
    let mut actions: Vec<_> = trail.iter().map(|line| line.action.as_str()).collect();
    // The clock stands still, so ids do not tell which was first.
    actions.sort_unstable();
    assert_eq!(actions, ["upload.created", "upload.passed"]);

    bench.local.clock.advance(TimeDelta::minutes(31));
    assert!(
        worker.download(again.text("url").unwrap()).await.is_err(),
        "URLs are short-lived"
    );
}

#[rstest]
#[tokio::test]
async fn a_repeated_request_gets_the_very_same_form(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let bench = UploadBench::new(kind).await;
    let stranger = bench.serve(bench.service());
    let (worker, other) = (
        signed_in(&stranger, &bench.worker().await),
        signed_in(&stranger, &bench.worker().await),
    );
    let key = fresh_key();
    let first = worker
        .post_with_key("/uploads", new_photo(), &key)
        .await
        .expect_status(201)
        .unwrap();
    bench.local.clock.advance(TimeDelta::minutes(1));
    let again = worker
        .post_with_key("/uploads", new_photo(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        (None, Some("true"))
    );
    assert_eq!(first.body, again.body);

    let changed = json!({ "purpose": "thanks_photo", "contentType": "image/jpeg", "size": 1 });
    worker
        .post_with_key("/uploads", changed, &key)
        .await
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();
    worker
        .post("/uploads", new_photo())
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    let others = other
        .post_with_key("/uploads", new_photo(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_ne!(
        others.body["id"], first.body["id"],
        "keys are each account's own"
    );
}

#[tokio::test]
async fn what_is_not_yours_is_not_there() {
    let bench = UploadBench::new(Kind::Sqlite).await;
    let stranger = bench.serve(bench.service());
    let (worker, other) = (
        signed_in(&stranger, &bench.worker().await),
        signed_in(&stranger, &bench.worker().await),
    );
    let id = posted(&worker, jpeg_with_gps(64, 48)).await;
    other
        .get(&format!("/uploads/{id}"))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    complete(&other, &id)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    for forged in [
        "upl_00000000000000000000000000",
        "wish_01jd3v7c9vf8ys2v4t0y3z5q7r",
        "..%2f..",
        "1",
    ] {
        worker
            .get(&format!("/uploads/{forged}"))
            .await
            .expect_problem(404, "not_found")
            .unwrap();
    }
    stranger
        .get(&format!("/uploads/{id}"))
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    stranger
        .post_once("/uploads", new_photo())
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    complete(&stranger, &id)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

#[rstest]
#[case(json!({ "purpose": "portrait", "contentType": "image/jpeg", "size": 1 }), "purpose")]
#[case(json!({ "purpose": "wish_photo", "contentType": "image/svg+xml", "size": 1 }), "contentType")]
#[case(json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": 0 }), "size")]
#[case(json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": 10_485_761 }), "size")]
#[case(json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": -1 }), "size")]
#[case(json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": 1, "key": "photos/a" }), "key")]
#[case(json!({ "purpose": "wish_photo", "contentType": "image/jpeg" }), "size")]
#[tokio::test]
async fn a_wrong_wish_for_a_form_names_the_field(#[case] body: Value, #[case] field: &str) {
    let bench = UploadBench::new(Kind::Sqlite).await;
    let worker = signed_in(&bench.serve(bench.service()), &bench.worker().await);
    let refused = worker
        .post_once("/uploads", body)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    assert_eq!(refused.body["errors"][0]["field"], field);
}

#[rstest]
#[case::svg(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "not_a_picture")]
#[case::script(b"#!/bin/sh\n".to_vec(), "not_a_picture")]
#[case::half(jpeg_with_gps(64, 48)[..500].to_vec(), "damaged")]
#[tokio::test]
async fn what_is_not_a_photo_is_refused_and_gone(#[case] file: Vec<u8>, #[case] why: &str) {
    let bench = UploadBench::new(Kind::Sqlite).await;
    let worker = signed_in(&bench.serve(bench.service()), &bench.worker().await);
    let id = posted(&worker, file).await;
    for answer in [complete(&worker, &id).await, complete(&worker, &id).await] {
        let answer = answer.expect_status(200).unwrap();
        assert_eq!(
            (
                answer.text("status").unwrap(),
                answer.text("refusal").unwrap()
            ),
            ("refused", why)
        );
        assert!(answer.body["url"].is_null() && answer.body["advice"].is_string());
    }
    assert!(
        std::fs::read_dir(bench.local.folder.join("tmp"))
            .unwrap()
            .next()
            .is_none()
    );
    assert!(
        !bench.local.folder.join("photos").exists(),
        "nothing of it is kept"
    );
}

#[rstest]
#[tokio::test]
async fn completion_without_a_file_and_after_a_day(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let bench = UploadBench::new(kind).await;
    let service = bench.service();
    let worker = signed_in(&bench.serve(service.clone()), &bench.worker().await);
    let (empty, late) = (
        created(&worker).await,
        posted(&worker, jpeg_with_gps(64, 48)).await,
    );
    let empty_id = empty["id"].as_str().unwrap();
    complete(&worker, empty_id)
        .await
        .expect_problem(409, "upload_object_missing")
        .unwrap();

    bench.local.clock.advance(TimeDelta::hours(24));
    let form = worker
        .upload(&empty["form"], jpeg_with_gps(64, 48), "image/jpeg")
        .await;
    form.expect_problem(403, "form_expired").unwrap();
    complete(&worker, &late)
        .await
        .expect_problem(409, "upload_expired")
        .unwrap();
    assert_eq!(
        worker.get(&format!("/uploads/{late}")).await.body["status"],
        "expired"
    );

    assert_eq!(service.sweep().await.unwrap(), 2);
    assert_eq!(service.sweep().await.unwrap(), 0);
    complete(&worker, &late)
        .await
        .expect_problem(409, "upload_expired")
        .unwrap();
    assert!(
        std::fs::read_dir(bench.local.folder.join("tmp"))
            .unwrap()
            .next()
            .is_none(),
        "swept away"
    );
}

/// Counts, and takes its time.
struct SlowStudio(AtomicUsize);

#[async_trait]
impl PhotoStudio for SlowStudio {
    async fn clean(&self, original: Vec<u8>) -> Result<CleanPhoto, PhotoError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        Darkroom::new().clean(original).await
    }
}

#[rstest]
#[tokio::test]
async fn of_many_completions_one_does_the_work(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let bench = UploadBench::new(kind).await;
    let studio = Arc::new(SlowStudio(AtomicUsize::new(0)));
    let actor = bench.worker().await;
    // Two servers on one database, as two processes are.
    let serve = || bench.serve(bench.service_on(bench.local.objects.clone(), studio.clone()));
    let workers = [signed_in(&serve(), &actor), signed_in(&serve(), &actor)];
    let id = posted(&workers[0], jpeg_with_gps(64, 48)).await;
    let twins: Vec<_> = (0..12)
        .map(|number| {
            let (worker, id) = (workers[number % 2].clone(), id.clone());
            tokio::spawn(async move { complete(&worker, &id).await })
        })
        .collect();
    let mut finished = 0;
    for twin in twins {
        let answer = twin.await.unwrap().expect_status(200).unwrap();
        match answer.text("status").unwrap() {
            "ready" => finished += 1,
            status => assert_eq!(status, "checking"),
        }
    }
    assert_eq!(studio.0.load(Ordering::SeqCst), 1);
    assert!(finished >= 1);
    assert_eq!(
        workers[1].get(&format!("/uploads/{id}")).await.body["status"],
        "ready"
    );
}

#[tokio::test]
async fn a_check_that_was_cut_off_is_taken_over() {
    let bench = UploadBench::new(Kind::Sqlite).await;
    let actor = bench.worker().await;
    let worker = signed_in(&bench.serve(bench.service()), &actor);
    let id = posted(&worker, jpeg_with_gps(64, 48)).await;
    let mut tx = bench.store.begin().await.unwrap();
    let awaiting = tx
        .uploads()
        .find_own(actor.account_id, id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let dead = awaiting.clone().begin_check(awaiting.created_at).unwrap();
    assert!(tx.uploads().save(&dead, &awaiting.state).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(complete(&worker, &id).await.body["status"], "checking");
    bench.local.clock.advance(TimeDelta::minutes(2));
    assert_eq!(complete(&worker, &id).await.body["status"], "ready");
}

#[rstest]
#[tokio::test]
async fn while_oss_is_down_photos_wait_and_nothing_is_lost(
    #[values(OssSignature::V4, OssSignature::V1)] version: OssSignature,
) {
    let bench = UploadBench::new(Kind::Sqlite).await;
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
    let service = bench.service_on(Arc::new(oss.unwrap()), Arc::new(Darkroom::new()));
    let worker = signed_in(&bench.serve(service.clone()), &bench.worker().await);
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
    let bench = UploadBench::new(Kind::Sqlite).await;
    let stranger = bench.serve(bench.service());
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
