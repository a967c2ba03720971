//! What phones, proxies and attackers may send: every answer is a problem document that says what
//! to do, and none of them repeats what was sent.

mod bodies;
mod requests;
mod values;

use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    servers::{database::Kind, process::shared},
};
use reqwest::{RequestBuilder, header};
use serde_json::Value;

use crate::coverage::{
    cast::{self, stranger},
    make,
};

async fn worker() -> Client {
    cast::known(&stranger().await, "dev:bad-input").await
}

async fn cadre() -> Client {
    cast::desk(&stranger().await, "cadre").await
}

/// A request as no honest client makes it.
async fn raw(
    client: &Client,
    path: &str,
    shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> (u16, Value) {
    let base = &shared(Kind::Sqlite).await.base;
    let request = reqwest::Client::new()
        .post(format!("{base}/api/v1{path}"))
        .bearer_auth(client.token().unwrap())
        .header("idempotency-key", fresh_key());
    let answer = shape(request).send().await.unwrap();
    let (status, kind) = (
        answer.status().as_u16(),
        answer.headers()[header::CONTENT_TYPE].clone(),
    );
    assert_eq!(kind, "application/problem+json", "{status}");
    (status, answer.json().await.unwrap())
}

async fn raw_json(client: &Client, path: &str, text: &str) -> (u16, Value) {
    raw(client, path, |request| {
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(text.to_owned())
    })
    .await
}

/// Of a station that is not there.
const STATION: &str = "stn_01h455vb4pex5vsknk084sn02q";

fn wish_with(field: &str, value: Value) -> Value {
    let mut wish = make::wish_form(STATION, &[]);
    wish[field] = value;
    wish
}

fn batch_with(field: &str, value: Value) -> Value {
    let mut batch = make::batch_form(STATION);
    batch[field] = value;
    batch
}

/// The one field that is wrong.
fn assert_field(reply: &Reply, field: &str, code: &str) {
    assert_eq!(
        (reply.status, reply.code()),
        (422, "invalid_fields"),
        "{}: {}",
        reply.call,
        reply.body
    );
    assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.body);
    assert_eq!(reply.body["errors"][0]["code"], code, "{}", reply.body);
}
