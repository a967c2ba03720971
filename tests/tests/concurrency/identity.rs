//! Races over identity: many callers, two processes that share the database alone.

use std::{future::Future, sync::Arc};

use niangjia_domain::{
    identity::{IdentityError, IdentityService, InviteStaff, SignedIn},
    kernel::{DistrictCode, Grant, Jurisdiction},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    database::Kind,
    identity::{IdentityBench, PASSWORD, access, attempt, visitor},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Barrier;

const CALLERS: usize = 24;
const CARELESS: usize = 8;

type Processes = [Arc<IdentityService>; 2];

/// All callers at once, every other one on the second process.
async fn storm<F, T>(
    processes: &Processes,
    callers: usize,
    call: impl Fn(usize, Arc<IdentityService>) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let started: Vec<_> = (0..callers)
        .map(|n| tokio::spawn(call(n, processes[n % 2].clone())))
        .collect();
    let mut outcomes = Vec::new();
    for caller in started {
        outcomes.push(caller.await.unwrap());
    }
    outcomes
}

async fn two(bench: &IdentityBench) -> Processes {
    [bench.process().await, bench.process().await]
}

async fn count(bench: &IdentityBench, sql: &str) -> i64 {
    let store = bench.database.store().await;
    let statement = Statement::from_string(store.writer().get_database_backend(), sql);
    store
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap()
}

/// What a careless developer would write: look, then act. The barrier makes sure that all look
/// before one acts. Returns how many acted.
async fn careless(store: &SqlStore, look: &'static str, act: &'static str) -> usize {
    let looked = Arc::new(Barrier::new(CARELESS));
    let callers: Vec<_> = (0..CARELESS)
        .map(|_| {
            let (store, looked) = (store.clone(), looked.clone());
            tokio::spawn(async move {
                let statement = Statement::from_string(store.writer().get_database_backend(), look);
                let row = store
                    .writer()
                    .query_one_raw(statement)
                    .await
                    .unwrap()
                    .unwrap();
                let free: bool = row.try_get_by_index(0).unwrap();
                looked.wait().await;
                free && store
                    .writer()
                    .execute_unprepared(act)
                    .await
                    .unwrap()
                    .rows_affected()
                    == 1
            })
        })
        .collect();
    let mut acted = 0;
    for caller in callers {
        acted += usize::from(caller.await.unwrap());
    }
    acted
}

async fn signed_in(process: &IdentityService, openid: &str) -> SignedIn {
    process
        .sign_in_with_wechat(&visitor(), &format!("dev:{openid}"))
        .await
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn parallel_first_sign_ins_make_one_account(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let bench = IdentityBench::new(kind).await;
    let processes = two(&bench).await;
    let accounts = storm(&processes, CALLERS, |_, process| async move {
        signed_in(&process, "openid-1").await.account.account.id
    })
    .await;
    assert!(accounts.iter().all(|id| *id == accounts[0]));
    assert_eq!(count(&bench, "SELECT COUNT(*) FROM accounts").await, 1);
    assert_eq!(
        count(&bench, "SELECT COUNT(*) FROM sessions").await,
        CALLERS as i64
    );
    let created = "SELECT COUNT(*) FROM audit_entries WHERE action = 'account.created'";
    assert_eq!(count(&bench, created).await, 1);
}

/// Without the unique index: everybody who saw no account makes one.
#[tokio::test]
async fn control_without_the_unique_index() {
    let bench = IdentityBench::new(Kind::Postgres).await;
    let store = bench.database.store().await;
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
    let bench = IdentityBench::new(kind).await;
    let processes = two(&bench).await;
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
        count(&bench, "SELECT CAST(generation AS BIGINT) FROM sessions").await,
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
    let bench = IdentityBench::new(Kind::Postgres).await;
    signed_in(&*bench.process().await, "openid-1").await;
    let store = bench.database.store().await;
    let rotate = "UPDATE sessions SET generation = generation + 1, rotated_at = now()";
    assert_eq!(
        careless(&store, "SELECT generation = 0 FROM sessions", rotate).await,
        CARELESS
    );
    assert_eq!(
        count(&bench, "SELECT CAST(generation AS BIGINT) FROM sessions").await,
        CARELESS as i64
    );
}

#[rstest]
#[tokio::test]
async fn an_invitation_has_one_winner(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let bench = IdentityBench::new(kind).await;
    let processes = two(&bench).await;
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
            &bench,
            "SELECT COUNT(*) FROM account_grants WHERE role = 'cadre'"
        )
        .await,
        1
    );
}

/// Without the condition in the update: everybody who saw it unused wins.
#[tokio::test]
async fn control_without_the_conditional_update() {
    let bench = IdentityBench::new(Kind::Postgres).await;
    invitation(&*bench.process().await).await;
    let use_up = "UPDATE invitations SET used_by = created_by, used_at = now()";
    let store = bench.database.store().await;
    let winners = careless(&store, "SELECT used_by IS NULL FROM invitations", use_up).await;
    assert_eq!(winners, CARELESS);
}

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
    let bench = IdentityBench::new(kind).await;
    let processes = two(&bench).await;
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
    let bench = IdentityBench::new(Kind::Postgres).await;
    let processes = two(&bench).await;
    processes[0]
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    let lose = "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS \
                'BEGIN NEW.failures := OLD.failures; RETURN NEW; END'; \
                CREATE TRIGGER lose BEFORE UPDATE ON sign_in_failures FOR EACH ROW EXECUTE FUNCTION lose()";
    bench
        .database
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
    let bench = IdentityBench::new(kind).await;
    let processes = two(&bench).await;
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
async fn sign_ins_with_one_code(bench: &IdentityBench) -> usize {
    let processes = two(bench).await;
    processes[0]
        .create_back_office_account("cadre", PASSWORD.to_owned().into(), &[])
        .await
        .unwrap();
    let secret = bench.enrol_totp(&processes[0], "cadre").await;
    let code = bench.totp(&secret);
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
        sign_ins_with_one_code(&IdentityBench::new(kind).await).await,
        1
    );
}

#[tokio::test]
async fn control_without_the_burnt_step_a_totp_code_signs_in_again() {
    let bench = IdentityBench::new(Kind::Postgres).await;
    let forget = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN NEW.totp_last_step := NULL; RETURN NEW; END'; \
                  CREATE TRIGGER forget BEFORE UPDATE ON credentials FOR EACH ROW EXECUTE FUNCTION forget()";
    bench
        .database
        .store()
        .await
        .writer()
        .execute_unprepared(forget)
        .await
        .unwrap();
    assert_eq!(sign_ins_with_one_code(&bench).await, 4);
}

/// An admin's invitation to be a cadre of Rencheng.
async fn invitation(process: &IdentityService) -> String {
    process
        .create_back_office_account("admin", PASSWORD.to_owned().into(), &[Grant::Admin])
        .await
        .unwrap();
    let admin = process
        .sign_in_with_password(&visitor(), attempt("admin", PASSWORD, None))
        .await
        .unwrap();
    let admin = process.authenticate(access(&admin), "r").await.unwrap();
    let area = Jurisdiction::District(DistrictCode::parse("370811").unwrap());
    let command = InviteStaff {
        grant: Grant::Cadre(area),
        expires_in_hours: 1,
    };
    process
        .invite_staff(&admin, command)
        .await
        .unwrap()
        .code
        .display()
}
