//! Races over membership: one person from many accounts, one roster row, one decision, one number
//! each.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::Actor,
    membership::{ApplicationDecision, MembershipError, view::MembershipView},
    tasks::TaskError,
};
use niangjia_infra::seed;
use niangjia_tests::{
    actors::cadre_of,
    people::Invented,
    places::DISTRICT,
    servers::database::{Kind, TestDatabase},
    town::office::{Office, form_of, one_tap},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

const CALLERS: usize = 16;

/// Two offices on one database behave like two processes.
async fn offices(kind: Kind) -> (TestDatabase, [Office; 2]) {
    let database = TestDatabase::new(kind).await;
    let offices = [
        Office::open(database.store().await).await,
        Office::open(database.store().await).await,
    ];
    (database, offices)
}

/// Everybody at once, half of them in each office.
async fn all_join(
    offices: &[Office; 2],
    callers: &[(Actor, Invented)],
) -> Vec<Result<MembershipView, MembershipError>> {
    let calls = callers.iter().enumerate().map(|(n, (worker, person))| {
        let (office, worker, form) = (offices[n % 2].clone(), worker.clone(), form_of(person));
        tokio::spawn(async move { office.join(&worker, form).await })
    });
    join_all(calls)
        .await
        .into_iter()
        .map(|answer| answer.unwrap())
        .collect()
}

/// One person on many phones. The person is known already, so that nothing but the place itself is
/// contended.
async fn same_person(office: &Office) -> Vec<(Actor, Invented)> {
    let person = Invented::new();
    let first = office.worker().await;
    office.join(&first, form_of(&person)).await.unwrap();
    office
        .service
        .withdraw(&office.seen_again(&first).await)
        .await
        .unwrap();
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        callers.push((
            office.worker().await,
            Invented {
                phone: Invented::new().phone,
                ..person.clone()
            },
        ));
    }
    callers
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_accounts_of_one_person_one_joins(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, offices) = offices(kind).await;
    let answers = all_join(&offices, &same_person(&offices[0]).await).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(MembershipError::AlreadyMember)));
    assert_eq!(refused.count(), CALLERS - 1);
}

/// The same race without the index that decides it: if this ever fails, the test above proves
/// nothing.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_index_one_person_joins_twice() {
    let (_database, offices) = offices(Kind::Postgres).await;
    offices[0]
        .store
        .writer()
        .execute_unprepared("DROP INDEX memberships_one_live")
        .await
        .unwrap();
    for _ in 0..10 {
        let answers = all_join(&offices, &same_person(&offices[0]).await).await;
        if answers.iter().filter(|answer| answer.is_ok()).count() > 1 {
            return;
        }
    }
    panic!("the race never showed");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_nobody_knows_yet_is_one_person(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, offices) = offices(kind).await;
    let person = Invented::new();
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        callers.push((
            offices[0].worker().await,
            Invented {
                phone: Invented::new().phone,
                ..person.clone()
            },
        ));
    }
    let answers = all_join(&offices, &callers).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_roster_row_admits_one(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, offices) = offices(kind).await;
    offices[0].import_roster(seed::demo_roster()).await;
    let mut calls = Vec::new();
    for n in 0..CALLERS {
        let (office, worker) = (offices[n % 2].clone(), offices[0].worker().await);
        calls.push(tokio::spawn(async move {
            office.join(&worker, one_tap("13900000007")).await
        }));
    }
    let answers = join_all(calls).await;
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.as_ref().unwrap().is_ok())
            .count(),
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_a_number_of_their_own(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, offices) = offices(kind).await;
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        callers.push((offices[0].worker().await, Invented::new()));
    }
    let answers = all_join(&offices, &callers).await;
    let numbers: BTreeSet<_> = answers
        .into_iter()
        .map(|answer| answer.unwrap().member_no.unwrap())
        .collect();
    assert_eq!(numbers.len(), CALLERS);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_decisions_at_once_one_holds(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, offices) = offices(kind).await;
    let worker = offices[0].worker().await;
    let id = offices[0]
        .join(&worker, form_of(&Invented::new()))
        .await
        .unwrap()
        .id;
    let reject = ApplicationDecision::parse("reject", Some("材料不符")).unwrap();
    let (one, two) = (cadre_of(DISTRICT), cadre_of("370800"));
    let (yes, no) = tokio::join!(
        offices[0].decide(&one, id, ApplicationDecision::Accept),
        offices[1].decide(&two, id, reject)
    );
    assert_ne!(yes.is_ok(), no.is_ok(), "{yes:?} {no:?}");
    let loser = yes.err().or(no.err()).unwrap();
    assert!(
        matches!(
            loser,
            MembershipError::ChangedMeanwhile
                | MembershipError::Transition(_)
                | MembershipError::Task(TaskError::ChangedMeanwhile)
        ),
        "{loser}"
    );
}
