use chrono::TimeDelta;
use niangjia_domain::{
    identity::staff::invitation::{Invitation, InvitationCode},
    kernel::{
        DistrictCode, Grant, Jurisdiction,
        id::{AccountId, InvitationId},
    },
    store::Store,
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    places::DISTRICT,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;

use super::{now, stored};

fn invitation(created_by: AccountId) -> (Invitation, InvitationCode) {
    let district = DistrictCode::parse(DISTRICT).unwrap();
    let invitation = Invitation {
        id: InvitationId::generate(now(), &SystemRandom),
        grant: Grant::Auditor(Jurisdiction::District(district)),
        created_by,
        created_at: now(),
        expires_at: now() + TimeDelta::hours(1),
        used_by: None,
    };
    (invitation, InvitationCode::generate(&SystemRandom))
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_found_by_its_code_and_used_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (host, guest) = (stored(&store, "host").await, stored(&store, "guest").await);
    let (invitation, code) = invitation(host);
    let mut tx = store.begin().await.unwrap();
    tx.invitations().insert(&invitation, &code).await.unwrap();
    assert_eq!(
        tx.invitations().find_by_code(&code).await.unwrap(),
        Some(invitation.clone())
    );
    let other = InvitationCode::generate(&SystemRandom);
    assert_eq!(tx.invitations().find_by_code(&other).await.unwrap(), None);
    assert!(
        tx.invitations()
            .consume(invitation.id, guest, now())
            .await
            .unwrap()
    );
    assert!(
        !tx.invitations()
            .consume(invitation.id, host, now())
            .await
            .unwrap(),
        "used"
    );
    let used = Invitation {
        used_by: Some(guest),
        ..invitation
    };
    assert_eq!(
        tx.invitations().find_by_code(&code).await.unwrap(),
        Some(used)
    );
}

#[rstest]
#[tokio::test]
async fn late_and_void_invitations_are_not_used(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (host, guest) = (stored(&store, "host").await, stored(&store, "guest").await);
    let ((late, late_code), (void, void_code), (used, used_code)) =
        (invitation(host), invitation(host), invitation(host));
    let mut tx = store.begin().await.unwrap();
    for (invitation, code) in [
        (&late, &late_code),
        (&void, &void_code),
        (&used, &used_code),
    ] {
        tx.invitations().insert(invitation, code).await.unwrap();
    }
    assert!(
        !tx.invitations()
            .consume(late.id, guest, late.expires_at)
            .await
            .unwrap()
    );
    assert!(
        tx.invitations()
            .consume(used.id, guest, now())
            .await
            .unwrap()
    );
    assert_eq!(
        tx.invitations().void_unused_of(guest, now()).await.unwrap(),
        0
    );
    assert_eq!(
        tx.invitations().void_unused_of(host, now()).await.unwrap(),
        2
    );
    assert!(
        !tx.invitations()
            .consume(void.id, guest, now())
            .await
            .unwrap()
    );
}
