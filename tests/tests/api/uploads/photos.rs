//! A photo from the form to its URLs.

use chrono::TimeDelta;
use niangjia_domain::store::Store;
use niangjia_tests::{
    client::fresh_key, photo::jpeg_with_gps, servers::database::Kind, town::uploads::UploadTown,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{complete, created, new_photo, posted, signed_in};

#[rstest]
#[tokio::test]
async fn a_photo_comes_in_and_is_safe_to_show(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = UploadTown::new(kind).await;
    let worker = signed_in(&town.serve(town.service()), &town.worker().await);
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
    let left: Vec<_> = std::fs::read_dir(town.local.folder.join("tmp"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "the original is gone");
    let trail = town
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

    town.local.clock.advance(TimeDelta::minutes(31));
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
    let town = UploadTown::new(kind).await;
    let stranger = town.serve(town.service());
    let (worker, other) = (
        signed_in(&stranger, &town.worker().await),
        signed_in(&stranger, &town.worker().await),
    );
    let key = fresh_key();
    let first = worker
        .post_with_key("/uploads", new_photo(), &key)
        .await
        .expect_status(201)
        .unwrap();
    town.local.clock.advance(TimeDelta::minutes(1));
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
    let town = UploadTown::new(Kind::Sqlite).await;
    let stranger = town.serve(town.service());
    let (worker, other) = (
        signed_in(&stranger, &town.worker().await),
        signed_in(&stranger, &town.worker().await),
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
    let town = UploadTown::new(Kind::Sqlite).await;
    let worker = signed_in(&town.serve(town.service()), &town.worker().await);
    let refused = worker
        .post_once("/uploads", body)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    assert_eq!(refused.body["errors"][0]["field"], field);
}
