use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use niangjia_tests::{
    client::{Client, Reply},
    people,
};
use serde_json::json;

use super::{call, cast};

#[tokio::test]
async fn secured_routes_ask_every_stranger_to_sign_in() {
    let stranger = cast::stranger().await;
    for (what, client) in impostors(&stranger).await {
        for call in call::all().iter().filter(|call| call.secured) {
            assert_asks_to_sign_in(what, &call.send(&client).await);
        }
    }
}

fn assert_asks_to_sign_in(what: &str, reply: &Reply) {
    let call = &reply.call;
    assert_eq!(
        (reply.status, reply.code()),
        (401, "unauthenticated"),
        "{call} with {what}: {}",
        reply.body
    );
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json"),
        "{call} with {what}"
    );
    assert_eq!(
        reply.header("www-authenticate"),
        Some("Bearer"),
        "{call} with {what}"
    );
}

/// Callers who only seem to be signed in.
async fn impostors(stranger: &Client) -> Vec<(&'static str, Client)> {
    let code = json!({ "code": format!("dev:coverage-{}", people::token()) });
    let session = stranger
        .post("/auth/wechat-sessions", code)
        .await
        .expect_status(201)
        .unwrap();
    let (access, refresh) = (
        session.text("accessToken").unwrap(),
        session.text("refreshToken").unwrap(),
    );
    stranger
        .with_token(access)
        .get("/me")
        .await
        .expect_status(200)
        .unwrap();
    vec![
        ("no token", stranger.clone()),
        ("garbage", stranger.with_token("garbage")),
        ("an unsigned token", stranger.with_token(&unsigned(access))),
        ("a refresh token", stranger.with_token(refresh)),
    ]
}

/// What a good token claims, with `alg: none` and no signature.
fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).expect("a JWT");
    format!(
        "{}.{claims}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#)
    )
}
