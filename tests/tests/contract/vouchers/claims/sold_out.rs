//! What is answered without asking the database.

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{Actor, Clock, PageRequest, Turned},
    store::StoreError,
    vouchers::{VoucherError, VoucherView, batches::rules::eligibility::Condition},
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{Town, bearer},
};
use rstest::rstest;

use super::Outcome;

/// From now on the database answers nobody.
async fn cut_off(town: &Town) {
    town.store.writer().clone().close().await.unwrap();
}

fn is_cut_off<T>(outcome: &Result<T, VoucherError>) -> bool {
    matches!(
        outcome,
        Err(VoucherError::Turned(Turned::Store(
            StoreError::Unavailable(_)
        )))
    )
}

#[rstest]
#[tokio::test]
async fn sold_out_is_said_for_a_second_without_asking_the_database_but_never_to_who_won(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(None, Some(1))] daily_quota: Option<i64>,
) {
    let town = Town::at_noon(kind).await;
    let mut scarce = town.new_batch();
    (scarce.quota, scarce.daily_quota, scarce.per_person_limit) =
        (daily_quota.map_or(1, |_| 2), daily_quota, 1);
    let batch = town.running(scarce).await;
    let is_sold_out = |outcome: &Outcome| match daily_quota {
        None => matches!(outcome, Err(VoucherError::BatchExhausted)),
        Some(_) => matches!(outcome, Err(VoucherError::DailyQuotaExhausted)),
    };
    let (winner, loser, late) = (
        town.worker().await,
        town.worker().await,
        town.worker().await,
    );
    let lost_answer = once(&winner);
    let claim = async |actor: &Actor, request| {
        town.services
            .vouchers
            .claims
            .claim(bearer(actor), request, batch)
            .await
    };
    let first = claim(&winner, lost_answer.clone()).await.unwrap();
    assert!(is_sold_out(&claim(&loser, once(&loser)).await));
    let again = claim(&winner, lost_answer.clone()).await.unwrap();
    assert_eq!(
        (again.value.voucher, again.replayed),
        (first.value.voucher, true)
    );

    cut_off(&town).await;
    assert!(is_sold_out(&claim(&loser, once(&loser)).await));
    assert!(
        is_sold_out(&claim(&late, once(&late)).await),
        "also to who has not asked before"
    );
    assert!(
        is_cut_off(&claim(&winner, lost_answer).await),
        "the first answer is the database's to give"
    );
    town.clock.advance(TimeDelta::seconds(1));
    assert!(
        is_cut_off(&claim(&late, once(&late)).await),
        "after a second the database is asked again"
    );
}

#[rstest]
#[tokio::test]
async fn not_open_yet_is_said_without_asking_the_database(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let opening = town.clock.now() + TimeDelta::minutes(10);
    let mut later = town.new_batch();
    later.claims_from = Some(opening);
    let batch = town.running(later).await;
    let worker = town.worker().await;
    let is_early = |outcome: Result<VoucherView, VoucherError>| matches!(outcome, Err(VoucherError::BatchNotOpenYet { from, wait }) if from == opening && wait.as_secs() == 600);
    let page = PageRequest {
        limit: 20,
        after: None,
    };
    let missing = async || {
        town.services
            .vouchers
            .claims
            .offers(&worker, page)
            .await
            .unwrap()
            .items
            .remove(0)
            .missing
    };
    assert_eq!(missing().await, [Condition::NotOpenYet]);
    assert!(
        is_early(town.claim(&worker, batch).await),
        "found out by the first who asks"
    );
    town.clock.advance(TimeDelta::minutes(10));
    assert!(missing().await.is_empty());
    town.claim(&worker, batch).await.unwrap();

    town.clock.advance(TimeDelta::minutes(-10));
    cut_off(&town).await;
    assert!(is_early(town.claim(&worker, batch).await));
    town.clock.advance(TimeDelta::minutes(10));
    assert!(is_cut_off(&town.claim(&worker, batch).await));
}

#[rstest]
#[tokio::test]
async fn winners_get_their_first_answer_at_any_process_and_more_quota_shows_within_a_second(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut scarce = town.new_batch();
    scarce.quota = 5;
    let batch = town.running(scarce).await;
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    let mut workers = Vec::new();
    for _ in 0..12 {
        let worker = town.worker().await;
        workers.push((once(&worker), worker));
    }
    let claims = workers.iter().enumerate().map(|(n, (request, worker))| {
        processes[n % 2]
            .claims
            .claim(bearer(worker), request.clone(), batch)
    });
    let outcomes = join_all(claims).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5);
    for ((request, worker), outcome) in workers.iter().zip(&outcomes) {
        for process in &processes {
            let again = process
                .claims
                .claim(bearer(worker), request.clone(), batch)
                .await;
            match outcome {
                Ok(first) => {
                    let again = again.unwrap();
                    assert_eq!(
                        (&again.value.voucher, again.replayed),
                        (&first.value.voucher, true)
                    );
                }
                Err(_) => assert!(matches!(again, Err(VoucherError::BatchExhausted))),
            }
        }
    }
    town.services
        .vouchers
        .batches
        .change_quota(&town.maker, batch, 5, 12)
        .await
        .unwrap();
    town.clock.advance(TimeDelta::seconds(1));
    for (n, (request, worker)) in workers.iter().enumerate() {
        processes[n % 2]
            .claims
            .claim(bearer(worker), request.clone(), batch)
            .await
            .unwrap();
    }
    assert_eq!(town.balanced(batch).await.issued, 12);
}
