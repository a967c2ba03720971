//! What is checked, once, and what does not pass.

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
    store::Store,
    uploads::objects::{CleanPhoto, PhotoError, PhotoStudio},
};
use niangjia_infra::objects::Darkroom;
use niangjia_tests::{photo::jpeg_with_gps, servers::database::Kind, town::uploads::UploadTown};
use rstest::rstest;

use super::{complete, created, posted, signed_in};

#[rstest]
#[case::svg(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "not_a_picture")]
#[case::script(b"#!/bin/sh\n".to_vec(), "not_a_picture")]
#[case::half(jpeg_with_gps(64, 48)[..500].to_vec(), "damaged")]
#[tokio::test]
async fn what_is_not_a_photo_is_refused_and_gone(#[case] file: Vec<u8>, #[case] why: &str) {
    let town = UploadTown::new(Kind::Sqlite).await;
    let worker = signed_in(&town.serve(town.service()), &town.worker().await);
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
        std::fs::read_dir(town.local.folder.join("tmp"))
            .unwrap()
            .next()
            .is_none()
    );
    assert!(
        !town.local.folder.join("photos").exists(),
        "nothing of it is kept"
    );
}

#[rstest]
#[tokio::test]
async fn completion_without_a_file_and_after_a_day(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = UploadTown::new(kind).await;
    let service = town.service();
    let worker = signed_in(&town.serve(service.clone()), &town.worker().await);
    let (empty, late) = (
        created(&worker).await,
        posted(&worker, jpeg_with_gps(64, 48)).await,
    );
    let empty_id = empty["id"].as_str().unwrap();
    complete(&worker, empty_id)
        .await
        .expect_problem(409, "upload_object_missing")
        .unwrap();

    town.local.clock.advance(TimeDelta::hours(24));
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
        std::fs::read_dir(town.local.folder.join("tmp"))
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
    let town = UploadTown::new(kind).await;
    let studio = Arc::new(SlowStudio(AtomicUsize::new(0)));
    let actor = town.worker().await;
    // Two servers on one database, as two processes are.
    let serve = || town.serve(town.service_on(town.local.objects.clone(), studio.clone()));
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
    let town = UploadTown::new(Kind::Sqlite).await;
    let actor = town.worker().await;
    let worker = signed_in(&town.serve(town.service()), &actor);
    let id = posted(&worker, jpeg_with_gps(64, 48)).await;
    let mut tx = town.store.begin().await.unwrap();
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
    town.local.clock.advance(TimeDelta::minutes(2));
    assert_eq!(complete(&worker, &id).await.body["status"], "ready");
}
