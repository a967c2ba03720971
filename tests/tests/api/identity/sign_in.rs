//! Signing in with WeChat: the account, the phone, refusals, rations.

use std::sync::Arc;

use niangjia_domain::{identity::SignInLimits, kernel::ports::cache::Quota};
use niangjia_tests::{
    servers::database::Kind,
    town::identity::{IdentityTown, PASSWORD},
};
use rstest::rstest;
use serde_json::json;

use super::{desk, retry_after, wechat};

#[rstest]
#[tokio::test]
async fn a_first_sign_in_makes_an_account(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = IdentityTown::new(kind).await;
    let stranger = town.serve(town.process().await);
    let session = stranger
        .post("/auth/wechat-sessions", json!({ "code": "dev:worker-1" }))
        .await;
    let session = session.expect_status(201).unwrap();
    assert_eq!(session.header("cache-control"), Some("no-store"));
    assert_eq!(session.body["expiresIn"], 900);
    let account = &session.body["account"];
    assert!(account["id"].as_str().unwrap().starts_with("acct_"));
    assert_eq!(account["roles"], json!(["worker", "donor"]));
    assert_eq!(account["personVerified"], false);
    assert_eq!(account["scopes"], json!([]));
    let absent =
        ["nickname", "phoneMasked", "membership"].map(|member| account.get(member).is_none());
    assert_eq!(absent, [true; 3], "{account}");

    let me = stranger.with_token(session.text("accessToken").unwrap());
    assert_eq!(
        &me.get("/me").await.expect_status(200).unwrap().body,
        account
    );
    let again = stranger
        .post("/auth/wechat-sessions", json!({ "code": "dev:worker-1" }))
        .await;
    assert_eq!(
        &again.expect_status(201).unwrap().body["account"],
        account,
        "the same account"
    );
}

#[rstest]
#[tokio::test]
async fn a_phone_comes_from_wechat_and_goes_out_masked(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let process = town.process().await;
    process
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    let stranger = town.serve(process);
    let worker = wechat(&stranger, "worker-1").await;
    let body = json!({ "phoneCode": "dev:13800005678" });
    stranger
        .put("/me/phone", body.clone())
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    let account = worker
        .put("/me/phone", body.clone())
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(account.body["phoneMasked"], "138****5678");
    assert_eq!(worker.get("/me").await.body["phoneMasked"], "138****5678");

    desk(&stranger, "cadre")
        .await
        .put("/me/phone", body)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let made_up = worker
        .put("/me/phone", json!({ "phoneCode": "13800005678" }))
        .await;
    made_up.expect_problem(422, "wechat_code_refused").unwrap();
    let foreign = worker
        .put("/me/phone", json!({ "phoneCode": "dev:85212345678" }))
        .await;
    foreign.expect_problem(422, "phone_not_mainland").unwrap();
}

#[tokio::test]
async fn codes_that_cannot_be_are_refused() {
    let town = IdentityTown::new(Kind::Sqlite).await;
    let stranger = town.serve(town.process().await);
    let refused = stranger
        .post("/auth/wechat-sessions", json!({ "code": "made-up" }))
        .await;
    refused.expect_problem(401, "wechat_code_refused").unwrap();
    for code in ["", "   ", "dev:\u{202e}", "dev:\0", &"x".repeat(300)] {
        let reply = stranger
            .post("/auth/wechat-sessions", json!({ "code": code }))
            .await;
        assert_eq!(
            reply.expect_problem(422, "invalid_fields").unwrap().body["errors"][0]["field"],
            "code"
        );
    }
    let extra = stranger
        .post(
            "/auth/wechat-sessions",
            json!({ "code": "dev:a", "role": "admin" }),
        )
        .await;
    assert_eq!(
        extra.expect_status(422).unwrap().body["errors"][0]["code"],
        "unknown_field"
    );
}

#[tokio::test]
async fn sign_ins_are_rationed_by_address() {
    let town = IdentityTown::new(Kind::Sqlite).await;
    let mut process = Arc::into_inner(town.process().await).unwrap();
    let quota = Quota {
        burst: 3,
        per_minute: 1,
    };
    process.limits = SignInLimits {
        per_address: quota,
        per_account: quota,
    };
    let stranger = town.serve(Arc::new(process));
    for _ in 0..3 {
        wechat(&stranger, "worker-1").await;
    }
    let reply = stranger
        .post("/auth/wechat-sessions", json!({ "code": "dev:worker-2" }))
        .await;
    let reply = reply.expect_problem(429, "too_many_requests").unwrap();
    assert!((1..=60).contains(&retry_after(&reply)));
}
