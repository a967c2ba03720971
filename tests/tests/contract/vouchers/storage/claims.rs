//! Issuing: limits, many at once, and whose vouchers are found.

use chrono::TimeDelta;
use niangjia_domain::{
    store::Store,
    vouchers::{
        batches::{
            batch::{Batch, BatchState},
            rules::NewBatch,
        },
        ports::IssueOutcome,
        wallet::voucher::VoucherState,
    },
};
use niangjia_tests::{rows::person, servers::database::Kind};
use rstest::rstest;

use super::{FIRST, issue, issue_on, rows};

#[rstest]
#[tokio::test]
async fn many_requests_in_one_call_each_get_their_own_outcome(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows
        .running(|new| (new.quota, new.per_person_limit) = (5, 1))
        .await;
    let greedy = person();
    let mut vouchers = vec![rows.voucher(&batch, greedy), rows.voucher(&batch, greedy)];
    vouchers.extend((0..6).map(|_| rows.voucher(&batch, person())));
    let outcomes = issue(&rows, &batch, &vouchers).await;
    // The greedy one's second request does not cost anybody else a voucher.
    let (yes, no, over) = (
        IssueOutcome::Issued,
        IssueOutcome::PersonLimit,
        IssueOutcome::Exhausted,
    );
    assert_eq!(outcomes, [yes, no, yes, yes, yes, yes, over, over]);
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (tally.issued, tally.live, tally.slots, tally.reserved_fen),
        (5, 5, 5, 7_500)
    );
    assert_eq!(issue(&rows, &batch, &vouchers[6..]).await, [over, over]);
    assert!(issue(&rows, &batch, &[]).await.is_empty());
}

#[rstest]
#[case::budget(|new: &mut NewBatch| new.budget_fen = 4_000, 2, IssueOutcome::Exhausted)]
#[case::today(|new: &mut NewBatch| new.daily_quota = Some(3), 3, IssueOutcome::ExhaustedToday)]
#[case::person(|new: &mut NewBatch| new.per_person_limit = 2, 2, IssueOutcome::PersonLimit)]
#[tokio::test]
async fn every_limit_stops_at_its_own_number(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] limit: fn(&mut NewBatch),
    #[case] allowed: usize,
    #[case] then: IssueOutcome,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(limit).await;
    let same = person();
    let who = |n: usize| {
        if then == IssueOutcome::PersonLimit || n == 0 {
            same
        } else {
            person()
        }
    };
    for n in 0..=allowed {
        let outcome = issue(&rows, &batch, &[rows.voucher(&batch, who(n))]).await;
        assert_eq!(
            outcome,
            [if n < allowed {
                IssueOutcome::Issued
            } else {
                then
            }],
            "request {n}"
        );
    }
    let tally = rows.tally(&batch).await;
    assert_eq!(tally.issued, allowed as i64);
    let tomorrow = rows.now + TimeDelta::days(1);
    let next = issue_on(&rows, &batch, &[rows.voucher(&batch, person())], tomorrow).await;
    assert_eq!(
        next == [IssueOutcome::Issued],
        then != IssueOutcome::Exhausted,
        "a new day, a new person"
    );
    rows.tally(&batch).await;
}

#[rstest]
#[tokio::test]
async fn a_shut_turnstile_lets_nobody_pass(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let running = rows.running(|_| {}).await;
    let BatchState::Running { approved_by } = running.state else {
        panic!("it runs")
    };
    let paused = Batch {
        state: BatchState::Paused { approved_by },
        ..running.clone()
    };
    let mut tx = rows.store.begin().await.unwrap();
    assert!(tx.voucher_batches().save(&running, &paused).await.unwrap());
    tx.commit().await.unwrap();
    // The caller still believes that it runs.
    assert_eq!(
        issue(&rows, &running, &[rows.voucher(&running, person())]).await,
        [IssueOutcome::Shut]
    );
    assert_eq!(rows.tally(&running).await.issued, 0);
}

#[rstest]
#[tokio::test]
async fn vouchers_are_found_by_their_holder_and_state(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let holder = person();
    let voucher = rows.issued(&batch, holder).await;
    let mut tx = rows.store.read().await.unwrap();
    assert_eq!(
        tx.vouchers().find_of(voucher.id, holder).await.unwrap(),
        Some(voucher.clone())
    );
    assert_eq!(
        tx.vouchers().find_of(voucher.id, person()).await.unwrap(),
        None
    );
    assert_eq!(
        tx.vouchers().slots_used(holder, &[batch.id]).await.unwrap(),
        [(batch.id, 1)]
    );
    assert_eq!(
        tx.vouchers()
            .slots_used(person(), &[batch.id])
            .await
            .unwrap(),
        []
    );
    for (state, now, seen) in [
        (None, rows.now, true),
        (Some(VoucherState::Issued), rows.now, true),
        (Some(VoucherState::Expired), rows.now, false),
        (Some(VoucherState::Issued), voucher.valid_to, false),
        (Some(VoucherState::Expired), voucher.valid_to, true),
        (Some(VoucherState::Redeemed), rows.now, false),
    ] {
        let page = tx
            .vouchers()
            .list_of(holder, state, now, FIRST)
            .await
            .unwrap();
        assert_eq!(!page.items.is_empty(), seen, "{state:?}");
    }
}
