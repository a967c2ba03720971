//! Dead letters, against the real binary: an event that cannot be written is set aside, seen by
//! administrators alone, and arrives once its cause is gone and it is sent again.

use std::collections::BTreeMap;

use niangjia_domain::{
    kernel::{
        Clock, Id,
        id::{AccountId, OutboxEventId, WishId},
    },
    notices::INBOX,
    outbox::OutboxEvent,
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    client::Client,
    eventually::eventually,
    servers::{
        database::{Kind, TestDatabase},
        process::{PASSWORD, Process},
        throwaway::fresh_folder,
    },
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// An event of a release that nobody runs any more.
async fn put_old_event(store: &SqlStore, recipient: AccountId) -> OutboxEventId {
    let now = SystemClock.now();
    let wish: WishId = Id::generate(now, &SystemRandom);
    let event = OutboxEvent {
        id: Id::generate(now, &SystemRandom),
        created_at: now,
        kind: INBOX.to_owned(),
        recipient,
        template: "wish_of_old".to_owned(),
        parameters: BTreeMap::from([("wish".to_owned(), "保温杯".to_owned())]),
        subject: Some(wish.to_string()),
        attempts: 0,
    };
    let id = event.id;
    let mut tx = store.begin().await.unwrap();
    tx.outbox().append(event).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// The items of a list, once there are `count` of them.
async fn items(client: &Client, path: &str, count: usize) -> Vec<Value> {
    eventually(&format!("{path} shows {count} items"), async || {
        let page = client.get(path).await.expect_status(200).unwrap();
        let items = page.body["items"].as_array().unwrap().clone();
        (items.len() == count).then_some(items)
    })
    .await
}

#[rstest]
#[tokio::test]
async fn a_dead_letter_is_seen_and_sent_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let settings = [("NIANGJIA_DATABASE_URL", database.url.clone())];
    let start = move || Process::start(&fresh_folder("dead-letters"), &settings);
    let process = tokio::task::spawn_blocking(start).await.unwrap();
    let stranger = process.client();
    let admin = stranger.password("admin", PASSWORD).await.unwrap();
    let donor = stranger.wechat("dev:hears-late").await.unwrap();
    let me = donor.get("/me").await.expect_status(200).unwrap();
    let recipient: AccountId = me.id().unwrap().parse().unwrap();
    let store = database.store().await;
    let id = put_old_event(&store, recipient).await;

    let list = "/admin/dead-letters";
    let letters = items(&admin, list, 1).await;
    assert_eq!(
        (
            &letters[0]["id"],
            &letters[0]["template"],
            &letters[0]["attempts"]
        ),
        (&json!(id), &json!("wish_of_old"), &json!(1))
    );
    assert_eq!(letters[0]["reason"], "unknown template: wish_of_old");
    let shown = letters[0].to_string();
    assert!(
        !shown.contains("保温杯") && !shown.contains(&recipient.to_string()),
        "neither what it says nor to whom: {shown}"
    );

    let cadre = stranger.password("cadre", PASSWORD).await.unwrap();
    let retry = format!("{list}/{id}/retry");
    for nobody in [&donor, &cadre] {
        let refused = nobody.get(list).await;
        refused.expect_problem(403, "forbidden").unwrap();
        let refused = nobody.post(&retry, json!({})).await;
        refused.expect_problem(403, "forbidden").unwrap();
    }
    let mend =
        "UPDATE outbox_events SET template = 'wish_published' WHERE template = 'wish_of_old'";
    store.writer().execute_unprepared(mend).await.unwrap();
    let sent = admin.post(&retry, json!({})).await;
    sent.expect_status(204).unwrap();
    let notices = items(&donor, "/me/inbox", 1).await;
    assert_eq!(notices[0]["topic"], "wish_published");
    assert_eq!(
        notices[0]["body"],
        "“保温杯”已通过审核并发布，有人认领时会通知您。"
    );
    assert!(items(&admin, list, 0).await.is_empty());

    let again = admin.post(&retry, json!({})).await;
    again.expect_problem(409, "not_a_dead_letter").unwrap();
    let absent: OutboxEventId = Id::generate(SystemClock.now(), &SystemRandom);
    let unknown = admin
        .post(&format!("{list}/{absent}/retry"), json!({}))
        .await;
    unknown.expect_problem(404, "not_found").unwrap();
    let trail = format!("/admin/audit-entries?subject={id}");
    let deeds = items(&admin, &trail, 1).await;
    assert_eq!(
        (&deeds[0]["action"], &deeds[0]["area"]),
        (&json!("dead_letter.retried"), &json!("everywhere"))
    );
}
