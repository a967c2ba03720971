//! Groups of claims at two processes.

use std::collections::HashMap;

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{IdempotencyKey, IdempotentRequest, values::local_time},
    store::Store,
    vouchers::{VoucherError, ports::IssueOutcome},
};
use niangjia_tests::{
    actors::once,
    rows::{VoucherRows, account, person},
    servers::database::{Kind, TestDatabase},
    town::{Town, bearer},
};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn folded_claims_at_two_processes_issue_to_the_last_voucher_and_nobody_gets_too_many(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut scarce = town.new_batch();
    scarce.quota = 25;
    let (scarce, plenty) = (
        town.running(scarce).await,
        town.running(town.new_batch()).await,
    );
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    let mut claims = Vec::new();
    for _ in 0..20 {
        let worker = town.worker().await;
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
    assert_eq!(town.balanced(scarce).await.issued, 25);
    assert_eq!(town.balanced(plenty).await.issued, 40);
}

/// Two groups with a twin each, both of which looked its key up before either had committed.
/// `is_guarded`: they keep their answers, and who comes second starts over. Returns how many
/// vouchers the twins have got.
async fn twins_that_both_looked_first(is_guarded: bool) -> i64 {
    let database = TestDatabase::new(Kind::Postgres).await;
    let rows = VoucherRows::new(database.store().await).await;
    let batch = rows.running(|_| {}).await;
    let key = IdempotencyKey::parse("key-1").unwrap();
    let request = IdempotentRequest {
        account_id: account(),
        key,
        fingerprint: [1; 32],
    };
    let holder = person();
    let mut groups = Vec::new();
    for _ in 0..2 {
        let mut tx = rows.store.begin().await.unwrap();
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
        let voucher = rows.voucher(&batch, holder);
        let day = local_time::date_of(rows.now);
        let outcomes = tx
            .vouchers()
            .issue(&batch, day, std::slice::from_ref(&voucher))
            .await
            .unwrap();
        assert_eq!(outcomes, [IssueOutcome::Issued]);
        if !is_guarded
            || tx
                .idempotency()
                .keep(vec![(&request, json!(voucher))], rows.now)
                .await
                .unwrap()
        {
            tx.commit().await.unwrap();
        }
    }
    rows.tally(&batch).await.issued
}

#[tokio::test]
async fn a_key_answered_meanwhile_sends_the_second_group_back() {
    assert_eq!(twins_that_both_looked_first(true).await, 1);
}

#[tokio::test]
async fn control_without_the_keys_guard_twins_get_two() {
    assert_eq!(twins_that_both_looked_first(false).await, 2);
}
