//! Requests that come twice, sessions that end, processes that die.

use futures_util::future::join_all;
use niangjia_tests::{
    client::fresh_key,
    demo_town::{application, consents},
    people::Invented,
};
use serde_json::json;

use super::{Doors, all_post, assert_winners};

#[tokio::test(flavor = "multi_thread")]
async fn one_person_joins_once_from_however_many_phones() {
    let doors = Doors::open().await;
    let person = Invented::new();
    let phones = doors.newcomers(12).await;
    let consents = consents(&phones[0]).await.unwrap();
    let replies = join_all(phones.iter().map(|phone| {
        // The same human on twelve sign-ins with twelve numbers.
        let body = application(
            &consents,
            &Invented {
                phone: Invented::new().phone,
                ..person.clone()
            },
        );
        async move { phone.post_once("/memberships", body).await }
    }))
    .await;
    assert_winners(&replies, 1, "already_member");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_has_one_effect_before_during_and_after() {
    let doors = Doors::open().await;
    let batch = doors.town.running_batch(50).await.unwrap();
    let member = doors.town.member().await.unwrap();
    let (path, key) = (format!("/voucher-batches/{batch}/claims"), fresh_key());
    let twins = doors.spread(vec![member.clone(); 16]);
    let during = join_all(
        twins
            .iter()
            .map(|twin| twin.post_with_key(&path, json!({}), &key)),
    )
    .await;
    let answered: Vec<_> = during.iter().filter(|reply| reply.status == 201).collect();
    let told: Vec<_> = during
        .iter()
        .map(|reply| format!("{} {}", reply.status, reply.code()))
        .collect();
    assert!(
        during
            .iter()
            .all(|reply| reply.status == 201 || reply.code() == "request_in_flight"),
        "{told:?}"
    );
    assert!(
        answered
            .iter()
            .all(|reply| reply.body["id"] == answered[0].body["id"]),
        "{told:?}"
    );
    let first = answered
        .iter()
        .filter(|reply| reply.header("idempotency-replayed").is_none())
        .count();
    assert_eq!(
        first, 1,
        "one first answer, the others are replays: {told:?}"
    );

    let after = doors
        .processes
        .two
        .client()
        .with_token(member.token().unwrap());
    let after = after
        .post_with_key(&path, json!({}), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(after.header("idempotency-replayed"), Some("true"));
    assert_eq!(after.body["id"], answered[0].body["id"]);
    let other_path = format!(
        "/voucher-batches/{}/claims",
        doors.town.running_batch(1).await.unwrap()
    );
    let reused = member.post_with_key(&other_path, json!({}), &key).await;
    reused
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_one_process_ends_the_session_at_the_other() {
    let doors = Doors::open().await;
    let worker = doors.town.newcomer().await.unwrap();
    let elsewhere = worker.at(&doors.processes.two.base);
    elsewhere.get("/me").await.expect_status(200).unwrap();
    worker
        .delete("/auth/session")
        .await
        .expect_status(204)
        .unwrap();
    elsewhere
        .get("/me")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let mut doors = Doors::open().await;
    let batch = doors.town.running_batch(40).await.unwrap();
    let members = doors.members(20).await;
    let path = format!("/voucher-batches/{batch}/claims");
    let replies = all_post(&members, &path, json!({})).await;
    doors.processes.one.kill();
    let two = doors.processes.two.base.clone();
    let acknowledged = replies
        .iter()
        .zip(&members)
        .filter(|(reply, _)| reply.status == 201);
    for (reply, member) in acknowledged {
        let voucher = member
            .at(&two)
            .get(&format!("/vouchers/{}", reply.id().unwrap()))
            .await;
        voucher.expect_status(200).unwrap();
    }
    let tally = doors
        .town
        .at(&two)
        .cadre
        .get(&format!("/admin/voucher-batches/{batch}/conservation"))
        .await;
    assert_eq!(tally.expect_status(200).unwrap().body["issued"], json!(20));
    assert_eq!(
        doors.processes.two.terminate(),
        Some(0),
        "SIGTERM ends a process in order"
    );
}
