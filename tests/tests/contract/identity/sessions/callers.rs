//! Who is behind a token, with the rights of the moment.

use chrono::TimeDelta;
use niangjia_domain::{
    identity::{sessions::token::AccessClaims, staff::staff_grant::StaffGrant},
    kernel::{
        Bearer, Grant, Jurisdiction,
        id::{GrantId, PersonId},
    },
    store::Store,
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;

use super::{claims, opened};
use crate::identity::{now, stored};

#[rstest]
#[tokio::test]
async fn a_caller_is_read_with_the_rights_of_the_moment(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let account = stored(&store, "openid-1").await;
    let session = opened(&store, account).await;
    let person = PersonId::generate(now(), &SystemRandom);
    let mut tx = store.begin().await.unwrap();

    let actor = tx
        .sessions()
        .actor(&claims(&session), "r-1", now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (actor.account_id, actor.session_id, actor.person_id),
        (account, session.id, None)
    );
    assert_eq!(
        (actor.grants, actor.request_id.as_str()),
        (vec![Grant::Worker, Grant::Donor], "r-1")
    );

    assert!(tx.accounts().link_person(account, person).await.unwrap());
    let cadre = Grant::Cadre(Jurisdiction::Everywhere);
    for grant in [Grant::Admin, cadre] {
        let id = GrantId::generate(now(), &SystemRandom);
        let grant = StaffGrant {
            id,
            account_id: account,
            grant,
            granted_at: now(),
        };
        assert!(tx.grants().add(&grant).await.unwrap());
    }
    let actor = tx
        .sessions()
        .actor(&claims(&session), "r-2", now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(actor.person_id, Some(person));
    assert_eq!(actor.grants.len(), 4);
    assert!(actor.grants.contains(&Grant::Admin) && actor.grants.contains(&cadre));
}

#[rstest]
#[tokio::test]
async fn many_callers_are_read_at_once_each_in_its_place(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (account, other) = (
        stored(&store, "openid-1").await,
        stored(&store, "openid-2").await,
    );
    let (session, others, over) = (
        opened(&store, account).await,
        opened(&store, other).await,
        opened(&store, account).await,
    );
    let bearer = |account_id, session_id, request_id: &str| Bearer {
        account_id,
        session_id,
        request_id: request_id.into(),
    };
    let bearers = [
        bearer(other, others.id, "r-1"),
        bearer(account, others.id, "r-2"),
        bearer(account, session.id, "r-3"),
        bearer(account, over.id, "r-4"),
        bearer(account, session.id, "r-5"),
    ];
    let mut tx = store.begin().await.unwrap();
    assert!(tx.sessions().revoke(over.id, now()).await.unwrap());
    for grant in [Grant::Admin, Grant::Cadre(Jurisdiction::Everywhere)] {
        let id = GrantId::generate(now(), &SystemRandom);
        assert!(
            tx.grants()
                .add(&StaffGrant {
                    id,
                    account_id: account,
                    grant,
                    granted_at: now()
                })
                .await
                .unwrap()
        );
    }
    let asked: Vec<_> = bearers.iter().collect();
    let actors = tx.sessions().actors(&asked, now()).await.unwrap();
    let seen: Vec<_> = actors
        .iter()
        .map(|actor| {
            actor
                .as_ref()
                .map(|it| (it.account_id, it.request_id.as_str(), it.grants.len()))
        })
        .collect();
    let expected = [
        Some((other, "r-1", 2)),
        None,
        Some((account, "r-3", 4)),
        None,
        Some((account, "r-5", 4)),
    ];
    assert_eq!(
        seen, expected,
        "another's session and an ended one are nobody's"
    );
    let later = tx
        .sessions()
        .actors(&asked, session.expires_at + TimeDelta::seconds(60))
        .await
        .unwrap();
    assert!(later.iter().all(Option::is_none), "expired");
    let alone = tx
        .sessions()
        .actor(&claims(&session), "r-3", now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(actors[2].as_ref().unwrap().grants, alone.grants);
}

#[rstest]
#[tokio::test]
async fn nobody_is_behind_an_ended_session(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (account, other) = (
        stored(&store, "openid-1").await,
        stored(&store, "openid-2").await,
    );
    let session = opened(&store, account).await;
    let mut tx = store.begin().await.unwrap();
    let foreign = AccessClaims {
        account_id: other,
        ..claims(&session)
    };
    assert!(
        tx.sessions()
            .actor(&foreign, "r", now())
            .await
            .unwrap()
            .is_none(),
        "another's account"
    );
    assert!(
        tx.sessions()
            .actor(&claims(&session), "r", session.expires_at)
            .await
            .unwrap()
            .is_none(),
        "expired"
    );
    assert!(tx.sessions().revoke(session.id, now()).await.unwrap());
    assert!(
        !tx.sessions().revoke(session.id, now()).await.unwrap(),
        "once"
    );
    assert!(
        tx.sessions()
            .actor(&claims(&session), "r", now())
            .await
            .unwrap()
            .is_none(),
        "revoked"
    );
}
