//! Passwords and codes guessed in parallel.

use niangjia_domain::identity::IdentityError;
use niangjia_tests::{
    servers::database::Kind,
    town::identity::{IdentityTown, PASSWORD, attempt, visitor},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{CALLERS, Processes, storm, two};

/// Everybody guesses the password at once; returns how many learned that they were wrong, and how
/// many only that the name is locked.
async fn guesses(processes: &Processes, username: &'static str) -> (usize, usize) {
    let outcomes = storm(processes, CALLERS, move |_, process| async move {
        process
            .sign_in_with_password(&visitor(), attempt(username, "a wrong guess", None))
            .await
    })
    .await;
    let told = |wanted: fn(&IdentityError) -> bool| {
        outcomes
            .iter()
            .filter(|outcome| outcome.as_ref().is_err_and(wanted))
            .count()
    };
    let learned = told(|error| matches!(error, IdentityError::CredentialsRefused));
    (
        learned,
        told(|error| matches!(error, IdentityError::Locked { .. })),
    )
}

#[rstest]
#[tokio::test]
async fn parallel_guesses_learn_five_times_at_most(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let processes = two(&town).await;
    processes[0]
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    for username in ["cadre", "nobody"] {
        assert_eq!(
            guesses(&processes, username).await,
            (5, CALLERS - 5),
            "{username}"
        );
    }
    let right = processes[1]
        .sign_in_with_password(&visitor(), attempt("cadre", PASSWORD, None))
        .await;
    assert!(matches!(right, Err(IdentityError::Locked { .. })));
}

/// As if each had counted on from what it had seen before the others: nobody's failure adds to
/// another's.
#[tokio::test]
async fn control_without_the_counting_update_nobody_is_locked_out() {
    let town = IdentityTown::new(Kind::Postgres).await;
    let processes = two(&town).await;
    processes[0]
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    let lose = "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS \
                'BEGIN NEW.failures := OLD.failures; RETURN NEW; END'; \
                CREATE TRIGGER lose BEFORE UPDATE ON sign_in_failures FOR EACH ROW EXECUTE FUNCTION lose()";
    town.database
        .store()
        .await
        .writer()
        .execute_unprepared(lose)
        .await
        .unwrap();
    assert_eq!(guesses(&processes, "cadre").await, (CALLERS, 0));
}

#[rstest]
#[tokio::test]
async fn right_passwords_in_parallel_never_lock(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = IdentityTown::new(kind).await;
    let processes = two(&town).await;
    processes[0]
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    let outcomes = storm(&processes, 12, |_, process| async move {
        process
            .sign_in_with_password(&visitor(), attempt("cadre", PASSWORD, None))
            .await
            .is_ok()
    })
    .await;
    assert_eq!(outcomes, vec![true; 12]);
}

/// Four sign in with one code at once; returns how many got in.
async fn sign_ins_with_one_code(town: &IdentityTown) -> usize {
    let processes = two(town).await;
    processes[0]
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    let secret = town.enrol_totp(&processes[0], "cadre").await;
    let code = town.totp(&secret);
    let outcomes = storm(&processes, 4, |_, process| {
        let code = code.clone();
        async move {
            process
                .sign_in_with_password(&visitor(), attempt("cadre", PASSWORD, Some(&code)))
                .await
                .is_ok()
        }
    })
    .await;
    outcomes.iter().filter(|ok| **ok).count()
}

#[rstest]
#[tokio::test]
async fn a_totp_code_signs_in_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    assert_eq!(
        sign_ins_with_one_code(&IdentityTown::new(kind).await).await,
        1
    );
}

#[tokio::test]
async fn control_without_the_burnt_step_a_totp_code_signs_in_again() {
    let town = IdentityTown::new(Kind::Postgres).await;
    let forget = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN NEW.totp_last_step := NULL; RETURN NEW; END'; \
                  CREATE TRIGGER forget BEFORE UPDATE ON credentials FOR EACH ROW EXECUTE FUNCTION forget()";
    town.database
        .store()
        .await
        .writer()
        .execute_unprepared(forget)
        .await
        .unwrap();
    assert_eq!(sign_ins_with_one_code(&town).await, 4);
}
