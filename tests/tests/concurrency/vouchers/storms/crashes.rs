//! Processes and databases that die in the storm.

use std::{process::Command, sync::Arc, time::Duration};

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{Bearer, IdempotentRequest, Turned, id::VoucherBatchId},
    store::StoreError,
    vouchers::{
        VoucherError, VoucherServices, reconciliation::conservation::BatchSums,
        wallet::voucher::Voucher,
    },
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    actors::once,
    client::{Client, Reply, fresh_key},
    demo_town::DemoTown,
    servers::{
        database::TestDatabase, postgres::Postgres, process::PASSWORD, two_processes::TwoProcesses,
    },
    town::{Town, bearer},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio::sync::Notify;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_in_the_storm_owes_nobody_an_answer() {
    let mut processes = TwoProcesses::start().await;
    let town = DemoTown::enter(&processes.one.base, PASSWORD)
        .await
        .unwrap();
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
    let sums = town.at(&two).balanced(&batch).await.unwrap();
    assert_eq!(sums["issued"], 40);
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

/// A reading connection of before the crash says so, once.
async fn sums_after_a_crash(town: &Town, batch: VoucherBatchId) -> BatchSums {
    let batches = &town.services.vouchers.batches;
    loop {
        match batches.conservation(&town.checker, batch).await {
            Err(VoucherError::Store(StoreError::Unavailable(_))) => {}
            sums => break sums.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_database_loses_nothing_and_the_storm_goes_on_by_itself() {
    let server = tokio::task::spawn_blocking(Postgres::start).await.unwrap();
    let town = Town::at_noon_on(TestDatabase::on(&server).await).await;
    let mut scarce = town.new_batch();
    scarce.quota = 150;
    scarce.budget_fen = 150 * 1_500;
    let batch = town.running(scarce).await;
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    let mut claims = Vec::new();
    for _ in 0..100 {
        let worker = town.worker().await;
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
    let crasher = town.database.store().await;
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
            town.services.vouchers.clone(),
            || (bearer(&worker), request.clone()),
            batch,
        )
        .await;
        assert_eq!(
            again, outcome,
            "the first answer, whatever happened in between"
        );
    }
    let tally = sums_after_a_crash(&town, batch).await;
    assert!(tally.is_balanced(), "{:?}", tally.equations());
    assert_eq!((tally.issued, tally.slots), (150, 150));
}
