//! The uploads API: a photo's way from the form to its URLs, and everything that can go wrong on
//! it.

mod checks;
mod outage;
mod photos;

use niangjia_domain::kernel::Actor;
use niangjia_tests::client::{Client, Reply};
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
