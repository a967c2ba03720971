use chrono::TimeDelta;
use niangjia_domain::kernel::Grant;
use niangjia_tests::{
    client::{Client, Reply},
    servers::database::Kind,
    town::identity::{IdentityTown, PASSWORD},
};
use rstest::rstest;
use serde_json::json;

use super::{desk, retry_after, wechat};

async fn sign_in(stranger: &Client, username: &str, password: &str) -> Reply {
    stranger
        .post(
            "/auth/password-sessions",
            json!({ "username": username, "password": password }),
        )
        .await
}

async fn with_totp(stranger: &Client, totp: &str) -> Reply {
    let body = json!({ "username": "admin", "password": PASSWORD, "totp": totp });
    stranger.post("/auth/password-sessions", body).await
}

/// A town with the user `admin`, served.
async fn office(kind: Kind) -> (IdentityTown, Client) {
    let town = IdentityTown::new(kind).await;
    let process = town.process().await;
    process
        .create_back_office_account("admin", PASSWORD.to_owned().into(), &[Grant::Admin])
        .await
        .unwrap();
    let stranger = town.serve(process);
    (town, stranger)
}

#[rstest]
#[tokio::test]
async fn the_right_password_signs_in(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_bench, stranger) = office(kind).await;
    let session = sign_in(&stranger, "Admin", PASSWORD)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(session.body["account"]["roles"], json!(["admin"]));
    let me = stranger.with_token(session.text("accessToken").unwrap());
    me.get("/me").await.expect_status(200).unwrap();
}

#[rstest]
#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_bench, stranger) = office(kind).await;
    let mut answers = Vec::new();
    for username in ["admin", "nobody", "no such name!"] {
        let reply = sign_in(&stranger, username, "a wrong guess").await;
        let mut body = reply
            .expect_problem(401, "credentials_refused")
            .unwrap()
            .body;
        body["traceId"].take();
        answers.push(body);
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[rstest]
#[tokio::test]
async fn five_wrong_tries_lock_for_fifteen_minutes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, stranger) = office(kind).await;
    for username in ["admin", "nobody"] {
        for _ in 0..5 {
            sign_in(&stranger, username, "a wrong guess")
                .await
                .expect_problem(401, "credentials_refused")
                .unwrap();
        }
        let locked = sign_in(&stranger, username, PASSWORD)
            .await
            .expect_problem(429, "account_locked")
            .unwrap();
        assert_eq!(retry_after(&locked), 15 * 60, "{username}");
    }
    town.clock.advance(TimeDelta::minutes(14));
    let locked = sign_in(&stranger, "admin", PASSWORD)
        .await
        .expect_problem(429, "account_locked")
        .unwrap();
    assert_eq!(retry_after(&locked), 60);
    town.clock.advance(TimeDelta::minutes(1));
    sign_in(&stranger, "admin", PASSWORD)
        .await
        .expect_status(201)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_right_password_forgives_the_wrong_ones(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_bench, stranger) = office(kind).await;
    for _ in 0..2 {
        for _ in 0..4 {
            sign_in(&stranger, "admin", "a wrong guess")
                .await
                .expect_status(401)
                .unwrap();
        }
        sign_in(&stranger, "admin", PASSWORD)
            .await
            .expect_status(201)
            .unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn a_second_factor_is_enrolled_and_then_asked_for(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, stranger) = office(kind).await;
    let admin = desk(&stranger, "admin").await;
    let confirm = async |code: &str| {
        admin
            .post("/me/totp/confirmation", json!({ "code": code }))
            .await
    };
    confirm("123456")
        .await
        .expect_problem(409, "totp_not_started")
        .unwrap();
    let enrolment = admin
        .post("/me/totp", json!({}))
        .await
        .expect_status(201)
        .unwrap();
    let secret = enrolment.text("secret").unwrap().to_owned();
    assert!(enrolment.text("otpauthUrl").unwrap().contains(&secret));
    confirm("rubbish")
        .await
        .expect_problem(422, "totp_refused")
        .unwrap();
    sign_in(&stranger, "admin", PASSWORD)
        .await
        .expect_status(201)
        .unwrap();

    let proof = town.totp(&secret);
    confirm(&proof).await.expect_status(204).unwrap();
    confirm(&proof)
        .await
        .expect_problem(409, "totp_already_confirmed")
        .unwrap();
    admin
        .post("/me/totp", json!({}))
        .await
        .expect_problem(409, "totp_already_confirmed")
        .unwrap();
    sign_in(&stranger, "admin", PASSWORD)
        .await
        .expect_problem(401, "totp_required")
        .unwrap();
    sign_in(&stranger, "admin", "a wrong guess")
        .await
        .expect_problem(401, "credentials_refused")
        .unwrap();
    with_totp(&stranger, &proof)
        .await
        .expect_problem(401, "credentials_refused")
        .unwrap();

    town.clock.advance(TimeDelta::seconds(30));
    let code = town.totp(&secret);
    with_totp(&stranger, &code)
        .await
        .expect_status(201)
        .unwrap();
    with_totp(&stranger, &code)
        .await
        .expect_problem(401, "credentials_refused")
        .unwrap();
    with_totp(&stranger, &proof)
        .await
        .expect_problem(401, "credentials_refused")
        .unwrap();
}

#[tokio::test]
async fn guessing_codes_locks_too() {
    let (town, stranger) = office(Kind::Sqlite).await;
    let admin = desk(&stranger, "admin").await;
    let enrolment = admin
        .post("/me/totp", json!({}))
        .await
        .expect_status(201)
        .unwrap();
    let secret = enrolment.text("secret").unwrap().to_owned();
    let proof = json!({ "code": town.totp(&secret) });
    admin
        .post("/me/totp/confirmation", proof)
        .await
        .expect_status(204)
        .unwrap();
    for _ in 0..5 {
        with_totp(&stranger, "rubbish")
            .await
            .expect_problem(401, "credentials_refused")
            .unwrap();
    }
    town.clock.advance(TimeDelta::seconds(30));
    with_totp(&stranger, &town.totp(&secret))
        .await
        .expect_problem(429, "account_locked")
        .unwrap();
    sign_in(&stranger, "admin", PASSWORD)
        .await
        .expect_problem(429, "account_locked")
        .unwrap();
}

#[tokio::test]
async fn second_factors_are_for_the_back_office() {
    let (_bench, stranger) = office(Kind::Sqlite).await;
    let worker = wechat(&stranger, "worker-1").await;
    worker
        .post("/me/totp", json!({}))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    worker
        .post("/me/totp/confirmation", json!({ "code": "1" }))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    stranger
        .post("/me/totp", json!({}))
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}
