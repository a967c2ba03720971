//! Storms of claims that things break in: processes die, the database crashes. What was
//! acknowledged stays, nothing happens twice, and whoever lost an answer gets it by asking again
//! with the same key.

use std::{collections::HashMap, process::Command, sync::Arc, time::Duration};

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{
        Bearer, IdempotencyKey, IdempotentRequest, Turned, id::VoucherBatchId, values::local_time,
    },
    store::{Store, StoreError},
    vouchers::{VoucherError, VoucherServices, ports::IssueOutcome, wallet::voucher::Voucher},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    canteen::{Canteen, Till, account, bearer, person},
    client::{Client, Reply, fresh_key},
    database::{Kind, TestDatabase},
    postgres::Postgres,
    process::{PASSWORD, TwoProcesses},
    town::Town,
    wish_scene::once,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio::sync::Notify;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn folded_claims_at_two_processes_issue_to_the_last_voucher_and_nobody_gets_too_many(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let mut scarce = canteen.new_batch();
    scarce.quota = 25;
    let (scarce, plenty) = (
        canteen.running(scarce).await,
        canteen.running(canteen.new_batch()).await,
    );
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    let mut claims = Vec::new();
    for _ in 0..20 {
        let worker = canteen.scene.worker().await;
        // Everybody tries three times at each process, for both batches; two is the limit.
        for n in 0..12 {
            let (process, batch) = (
                processes[n % 2].clone(),
                if n % 4 < 2 { scarce } else { plenty },
            );
            let (bearer, request) = (bearer(&worker), once(&worker));
            claims.push(tokio::spawn(async move {
                (batch, process.claims.claim(bearer, request, batch).await)
            }));
        }
    }
    let mut issued: HashMap<_, Vec<_>> = HashMap::new();
    for claim in join_all(claims).await {
        match claim.unwrap() {
            (batch, Ok(answer)) => issued
                .entry(batch)
                .or_default()
                .push(answer.value.voucher.person_id),
            (_, Err(refused)) => {
                assert!(matches!(
                    refused,
                    VoucherError::BatchExhausted | VoucherError::PersonLimitReached
                ))
            }
        }
    }
    assert_eq!((issued[&scarce].len(), issued[&plenty].len()), (25, 40));
    for holders in issued.values_mut() {
        holders.sort_unstable();
        assert!(
            holders
                .chunk_by(|a, b| a == b)
                .all(|person| person.len() <= 2)
        );
    }
    assert_eq!(canteen.balanced(scarce).await.issued, 25);
    assert_eq!(canteen.balanced(plenty).await.issued, 40);
}

/// Two groups with a twin each, both of which looked its key up before either had committed.
/// `is_guarded`: they keep their answers, and who comes second starts over. Returns how many
/// vouchers the twins have got.
async fn twins_that_both_looked_first(is_guarded: bool) -> i64 {
    let database = TestDatabase::new(Kind::Postgres).await;
    let till = Till::new(database.store().await).await;
    let batch = till.running(|_| {}).await;
    let key = IdempotencyKey::parse("key-1").unwrap();
    let request = IdempotentRequest {
        account_id: account(),
        key,
        fingerprint: [1; 32],
    };
    let holder = person();
    let mut groups = Vec::new();
    for _ in 0..2 {
        let mut tx = till.store.begin().await.unwrap();
        assert_eq!(
            tx.idempotency()
                .first_answers(&[&request])
                .await
                .unwrap()
                .len(),
            1
        );
        groups.push(tx);
    }
    for mut tx in groups {
        let voucher = till.voucher(&batch, holder);
        let day = local_time::date_of(till.now);
        let outcomes = tx
            .vouchers()
            .issue(&batch, day, std::slice::from_ref(&voucher))
            .await
            .unwrap();
        assert_eq!(outcomes, [IssueOutcome::Issued]);
        if !is_guarded
            || tx
                .idempotency()
                .keep(vec![(&request, json!(voucher))], till.now)
                .await
                .unwrap()
        {
            tx.commit().await.unwrap();
        }
    }
    till.tally(&batch).await.issued
}

#[tokio::test]
async fn a_key_answered_meanwhile_sends_the_second_group_back() {
    assert_eq!(twins_that_both_looked_first(true).await, 1);
}

#[tokio::test]
async fn control_without_the_keys_guard_twins_get_two() {
    assert_eq!(twins_that_both_looked_first(false).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_in_the_storm_owes_nobody_an_answer() {
    let mut processes = TwoProcesses::start().await;
    let town = Town::enter(&processes.one.base, PASSWORD).await.unwrap();
    let batch = town.running_batch(40).await.unwrap();
    let path = format!("/voucher-batches/{batch}/claims");
    let members: Vec<Client> = join_all((0..60).map(|_| town.member()))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let claims: Vec<_> = members
        .into_iter()
        .map(|member| (member, fresh_key()))
        .collect();

    let somebody_won = Arc::new(Notify::new());
    let storm: Vec<_> = claims
        .iter()
        .cloned()
        .map(|(member, key)| {
            let (path, won) = (path.clone(), somebody_won.clone());
            tokio::spawn(async move {
                let reply = member.try_post_with_key(&path, json!({}), &key).await;
                won.notify_one();
                reply
            })
        })
        .collect();
    somebody_won.notified().await;
    processes.one.kill();
    let seen: Vec<Option<Reply>> = join_all(storm)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();

    let two = processes.two.base.clone();
    let again = join_all(claims.iter().map(|(member, key)| {
        let elsewhere = member.at(&two);
        let path = path.clone();
        async move { elsewhere.post_with_key(&path, json!({}), key).await }
    }))
    .await;
    for (before, after) in seen.iter().zip(&again) {
        assert!(
            after.status == 201 || after.code() == "batch_exhausted",
            "{}",
            after.body
        );
        if let Some(before) = before.as_ref().filter(|before| before.status == 201) {
            assert_eq!(
                (after.status, &after.body),
                (201, &before.body),
                "what was acknowledged stays"
            );
            assert_eq!(after.header("idempotency-replayed"), Some("true"));
        }
    }
    assert_eq!(again.iter().filter(|reply| reply.status == 201).count(), 40);
    let path = format!("/admin/voucher-batches/{batch}/conservation");
    let tally = town
        .at(&two)
        .cadre
        .get(&path)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (&tally.body["issued"], &tally.body["balanced"]),
        (&json!(40), &json!(true)),
        "{}",
        tally.body
    );
}

/// Kills one server process of PostgreSQL, as the kernel does when memory runs out: the others end
/// with it, and the server recovers from its log.
async fn crash(store: &SqlStore) {
    let connection = store.writer();
    let pid = Statement::from_string(connection.get_database_backend(), "SELECT pg_backend_pid()");
    let row = connection.query_one_raw(pid).await.unwrap().unwrap();
    let pid: i32 = row.try_get_by_index(0).unwrap();
    assert!(
        Command::new("kill")
            .args(["-KILL", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

/// Asks with one key until there is an answer.
async fn insist(
    process: VoucherServices,
    claim: impl Fn() -> (Bearer, IdempotentRequest),
    batch: VoucherBatchId,
) -> Option<Voucher> {
    loop {
        let (bearer, request) = claim();
        match process.claims.claim(bearer, request, batch).await {
            Ok(answer) => return Some(answer.value.voucher),
            Err(VoucherError::BatchExhausted) => return None,
            Err(VoucherError::Turned(Turned::Store(StoreError::Unavailable(_)))) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_database_loses_nothing_and_the_storm_goes_on_by_itself() {
    let server = tokio::task::spawn_blocking(Postgres::start).await.unwrap();
    let canteen = Canteen::on(TestDatabase::on(&server).await).await;
    let mut scarce = canteen.new_batch();
    scarce.quota = 150;
    scarce.budget_fen = 150 * 1_500;
    let batch = canteen.running(scarce).await;
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    let mut claims = Vec::new();
    for _ in 0..100 {
        let worker = canteen.scene.worker().await;
        claims.extend([
            (worker.clone(), once(&worker)),
            (worker.clone(), once(&worker)),
        ]);
    }
    let outcomes = tokio::spawn(join_all(claims.clone().into_iter().enumerate().map(
        |(n, (worker, request))| {
            let process = processes[n % 2].clone();
            tokio::spawn(insist(
                process,
                move || (bearer(&worker), request.clone()),
                batch,
            ))
        },
    )));
    let crasher = canteen.scene.database.store().await;
    crash(&crasher).await;
    let outcomes: Vec<_> = outcomes
        .await
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(outcomes.iter().flatten().count(), 150);
    for ((worker, request), outcome) in claims.into_iter().zip(outcomes) {
        let again = insist(
            canteen.vouchers.clone(),
            || (bearer(&worker), request.clone()),
            batch,
        )
        .await;
        assert_eq!(
            again, outcome,
            "the first answer, whatever happened in between"
        );
    }
    // A reading connection of before the crash says so, once.
    let tally = loop {
        match canteen
            .vouchers
            .batches
            .conservation(&canteen.checker, batch)
            .await
        {
            Err(VoucherError::Store(StoreError::Unavailable(_))) => {}
            tally => break tally.unwrap(),
        }
    };
    assert!(tally.is_balanced(), "{:?}", tally.equations());
    assert_eq!((tally.issued, tally.slots), (150, 150));
}
