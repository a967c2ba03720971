//! Refresh tokens: rotated once, forgotten when they are over.

use chrono::TimeDelta;
use niangjia_domain::{
    identity::sessions::session::{LIFETIME, Session},
    store::Store,
};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;

use super::opened;
use crate::identity::{now, stored};

#[rstest]
#[tokio::test]
async fn only_the_good_token_of_a_live_session_rotates(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let account = stored(&store, "openid-1").await;
    let session = opened(&store, account).await;
    let later = now() + TimeDelta::minutes(1);
    let mut tx = store.begin().await.unwrap();
    assert!(
        !tx.sessions().rotate(session.id, 1, later).await.unwrap(),
        "not there yet"
    );
    assert!(tx.sessions().rotate(session.id, 0, later).await.unwrap());
    assert!(
        !tx.sessions().rotate(session.id, 0, later).await.unwrap(),
        "used"
    );
    let rotated = Session {
        generation: 1,
        rotated_at: Some(later),
        ..session.clone()
    };
    assert_eq!(tx.sessions().find(session.id).await.unwrap(), Some(rotated));
    assert!(
        !tx.sessions()
            .rotate(session.id, 1, session.expires_at)
            .await
            .unwrap(),
        "expired"
    );
    assert!(tx.sessions().revoke(session.id, later).await.unwrap());
    assert!(
        !tx.sessions().rotate(session.id, 1, later).await.unwrap(),
        "revoked"
    );
}

#[rstest]
#[tokio::test]
async fn expired_sessions_are_forgotten(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let account = stored(&store, "openid-1").await;
    let session = opened(&store, account).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.sessions()
            .forget_expired_before(now(), 10)
            .await
            .unwrap(),
        0
    );
    let after = now() + LIFETIME + TimeDelta::seconds(60);
    assert_eq!(
        tx.sessions()
            .forget_expired_before(after, 10)
            .await
            .unwrap(),
        1
    );
    assert_eq!(tx.sessions().find(session.id).await.unwrap(), None);
}
