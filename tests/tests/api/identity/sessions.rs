use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_infra::{
    cache::MemoryValues,
    sql::{DatabaseSettings, Patience, SqlStore, connect},
};
use niangjia_tests::{
    client::{Client, Reply},
    servers::database::{Kind, test_cipher},
    town::identity::IdentityTown,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::wechat;

async fn refresh(stranger: &Client, token: &str) -> Reply {
    stranger
        .post("/auth/refreshes", json!({ "refreshToken": token }))
        .await
}

/// (access token, refresh token)
async fn tokens(stranger: &Client) -> (String, String) {
    let session = stranger
        .post("/auth/wechat-sessions", json!({ "code": "dev:worker-1" }))
        .await;
    pair(&session.expect_status(201).unwrap())
}

fn pair(session: &Reply) -> (String, String) {
    (
        session.text("accessToken").unwrap().to_owned(),
        session.text("refreshToken").unwrap().to_owned(),
    )
}

#[rstest]
#[tokio::test]
async fn a_lost_answer_is_given_again_for_thirty_seconds(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let stranger = town.serve(town.process().await);
    let (_, first) = tokens(&stranger).await;
    let (_, second) = pair(&refresh(&stranger, &first).await.expect_status(201).unwrap());
    assert_ne!(first, second);
    town.clock.advance(TimeDelta::seconds(30));
    let (access, again) = pair(&refresh(&stranger, &first).await.expect_status(201).unwrap());
    assert_eq!(again, second);
    stranger
        .with_token(&access)
        .get("/me")
        .await
        .expect_status(200)
        .unwrap();
    refresh(&stranger, &second)
        .await
        .expect_status(201)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_token_used_long_ago_ends_the_family(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = IdentityTown::new(kind).await;
    let stranger = town.serve(town.process().await);
    let (_, first) = tokens(&stranger).await;
    let (access, second) = pair(&refresh(&stranger, &first).await.expect_status(201).unwrap());
    town.clock.advance(TimeDelta::seconds(31));
    refresh(&stranger, &first)
        .await
        .expect_problem(401, "refresh_token_reused")
        .unwrap();
    refresh(&stranger, &second)
        .await
        .expect_problem(401, "refresh_token_refused")
        .unwrap();
    stranger
        .with_token(&access)
        .get("/me")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    wechat(&stranger, "worker-1")
        .await
        .get("/me")
        .await
        .expect_status(200)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn signing_out_works_at_once_on_every_process(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let (here, there) = (
        town.serve(town.process().await),
        town.serve(town.process().await),
    );
    let (access, refresh_token) = tokens(&here).await;
    let (at_here, at_there) = (here.with_token(&access), there.with_token(&access));
    at_there.get("/me").await.expect_status(200).unwrap();
    at_here
        .delete("/auth/session")
        .await
        .expect_status(204)
        .unwrap();
    for client in [&at_here, &at_there] {
        client
            .get("/me")
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        refresh(client, &refresh_token)
            .await
            .expect_problem(401, "refresh_token_refused")
            .unwrap();
        client
            .delete("/auth/session")
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
    }
}

/// A replica that missed the sign-out still shows the session as live; what processes share about
/// it does not.
#[tokio::test]
async fn a_lagging_replica_lets_nobody_back_in() {
    let town = IdentityTown::new(Kind::Sqlite).await;
    let shared = Arc::new(MemoryValues::default());
    let here = town.serve(town.process_on(town.database.store().await, shared.clone()));
    let (access, _) = tokens(&here).await;

    let primary = town.database.store().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("replica.db");
    primary
        .writer()
        .execute_unprepared(&format!("VACUUM INTO '{}'", copy.display()))
        .await
        .unwrap();
    let settings = DatabaseSettings {
        url: format!("sqlite://{}", copy.display()),
        max_connections: 1,
        patience: Patience::default(),
    };
    let (_, replica) = connect(&settings).await.unwrap();
    let behind = SqlStore::new(primary.writer().clone(), replica, test_cipher());
    let lagging = town
        .serve(town.process_on(behind.clone(), shared))
        .with_token(&access);
    let control = town
        .serve(town.process_on(behind, Arc::new(MemoryValues::default())))
        .with_token(&access);

    here.with_token(&access)
        .delete("/auth/session")
        .await
        .expect_status(204)
        .unwrap();
    control.get("/me").await.expect_status(200).unwrap();
    lagging
        .get("/me")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

#[tokio::test]
async fn tokens_expire() {
    let town = IdentityTown::new(Kind::Sqlite).await;
    let stranger = town.serve(town.process().await);
    let (access, first) = tokens(&stranger).await;
    town.clock.advance(TimeDelta::minutes(16));
    stranger
        .with_token(&access)
        .get("/me")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    let (access, second) = pair(&refresh(&stranger, &first).await.expect_status(201).unwrap());
    stranger
        .with_token(&access)
        .get("/me")
        .await
        .expect_status(200)
        .unwrap();
    town.clock.advance(TimeDelta::days(30));
    refresh(&stranger, &second)
        .await
        .expect_problem(401, "refresh_token_refused")
        .unwrap();
}

#[tokio::test]
async fn one_kind_of_token_never_passes_for_the_other() {
    let town = IdentityTown::new(Kind::Sqlite).await;
    let stranger = town.serve(town.process().await);
    let (access, refresh_token) = tokens(&stranger).await;
    stranger
        .with_token(&refresh_token)
        .get("/me")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    for token in [access.as_str(), "", "test.", "rubbish", &refresh_token[1..]] {
        refresh(&stranger, token)
            .await
            .expect_problem(401, "refresh_token_refused")
            .unwrap();
    }
    for token in [
        "rubbish",
        "a.b.c",
        &format!("{access}x"),
        &access[..access.len() - 2],
    ] {
        let reply = stranger
            .with_token(token)
            .get("/me")
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    stranger
        .with_token(&access)
        .get("/me")
        .await
        .expect_status(200)
        .unwrap();
}
