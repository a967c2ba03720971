//! First sign-ins and refreshed sessions.

use niangjia_domain::identity::SignedIn;
use niangjia_tests::{
    servers::database::Kind,
    town::identity::{IdentityTown, access, visitor},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use secrecy::{ExposeSecret, SecretString};

use super::{CALLERS, CARELESS, careless, count, signed_in, storm, two};

#[rstest]
#[tokio::test]
async fn parallel_first_sign_ins_make_one_account(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let processes = two(&town).await;
    let accounts = storm(&processes, CALLERS, |_, process| async move {
        signed_in(&process, "openid-1").await.account.account.id
    })
    .await;
    assert!(accounts.iter().all(|id| *id == accounts[0]));
    assert_eq!(count(&town, "SELECT COUNT(*) FROM accounts").await, 1);
    assert_eq!(
        count(&town, "SELECT COUNT(*) FROM sessions").await,
        CALLERS as i64
    );
    let created = "SELECT COUNT(*) FROM audit_entries WHERE action = 'account.created'";
    assert_eq!(count(&town, created).await, 1);
}

/// Without the unique index: everybody who saw no account makes one.
#[tokio::test]
async fn control_without_the_unique_index() {
    let town = IdentityTown::new(Kind::Postgres).await;
    let store = town.database.store().await;
    store
        .writer()
        .execute_unprepared("DROP INDEX accounts_openid")
        .await
        .unwrap();
    let insert = "INSERT INTO accounts (id, kind, openid, openid_index, created_at) \
                  VALUES (gen_random_uuid(), 'wechat', 'x', 'same', now())";
    let made = careless(
        &store,
        "SELECT COUNT(*) = 0 FROM accounts WHERE openid_index = 'same'",
        insert,
    )
    .await;
    assert_eq!(made, CARELESS);
}

#[rstest]
#[tokio::test]
async fn parallel_refreshes_get_the_same_successor(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let processes = two(&town).await;
    let first = signed_in(&processes[0], "openid-1").await;
    let token = first.refresh_token.expose_secret().to_owned();
    let successors = storm(&processes, CALLERS, |_, process| {
        let token = SecretString::from(token.clone());
        async move { process.refresh(&visitor(), &token).await.unwrap() }
    })
    .await;
    let text = |signed_in: &SignedIn| signed_in.refresh_token.expose_secret().to_owned();
    assert!(
        successors
            .iter()
            .all(|one| text(one) == text(&successors[0]) && text(one) != token)
    );
    assert_eq!(
        count(&town, "SELECT CAST(generation AS BIGINT) FROM sessions").await,
        1
    );
    for signed_in in &successors {
        processes[1]
            .authenticate(access(signed_in), "r")
            .await
            .unwrap();
    }
    processes[0]
        .refresh(&visitor(), &successors[5].refresh_token)
        .await
        .unwrap();
}

/// Without the condition: everybody who saw the token unused rotates, and all but one successor are
/// lost.
#[tokio::test]
async fn control_without_the_guarded_rotation() {
    let town = IdentityTown::new(Kind::Postgres).await;
    signed_in(&*town.process().await, "openid-1").await;
    let store = town.database.store().await;
    let rotate = "UPDATE sessions SET generation = generation + 1, rotated_at = now()";
    assert_eq!(
        careless(&store, "SELECT generation = 0 FROM sessions", rotate).await,
        CARELESS
    );
    assert_eq!(
        count(&town, "SELECT CAST(generation AS BIGINT) FROM sessions").await,
        CARELESS as i64
    );
}
