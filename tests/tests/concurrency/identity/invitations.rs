//! One winner of an invitation.

use niangjia_domain::identity::IdentityError;
use niangjia_tests::{
    servers::database::Kind,
    town::identity::{IdentityTown, access},
};
use rstest::rstest;

use super::{CALLERS, CARELESS, careless, count, invitation, signed_in, storm, two};

#[rstest]
#[tokio::test]
async fn an_invitation_has_one_winner(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = IdentityTown::new(kind).await;
    let processes = two(&town).await;
    let code = invitation(&processes[0]).await;
    let outcomes = storm(&processes, CALLERS, |n, process| {
        let code = code.clone();
        async move {
            let guest = signed_in(&process, &format!("guest-{n}")).await;
            let actor = process.authenticate(access(&guest), "r").await.unwrap();
            process.bind_staff(&actor, &code).await
        }
    })
    .await;
    let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let losers = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(IdentityError::InvitationUsed)))
        .count();
    assert_eq!((winners, losers), (1, CALLERS - 1));
    assert_eq!(
        count(
            &town,
            "SELECT COUNT(*) FROM account_grants WHERE role = 'cadre'"
        )
        .await,
        1
    );
}

/// Without the condition in the update: everybody who saw it unused wins.
#[tokio::test]
async fn control_without_the_conditional_update() {
    let town = IdentityTown::new(Kind::Postgres).await;
    invitation(&*town.process().await).await;
    let use_up = "UPDATE invitations SET used_by = created_by, used_at = now()";
    let store = town.database.store().await;
    let winners = careless(&store, "SELECT used_by IS NULL FROM invitations", use_up).await;
    assert_eq!(winners, CARELESS);
}
