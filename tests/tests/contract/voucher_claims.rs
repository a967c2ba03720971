//! Claims that travel together, over both databases. On the one thread of these tests all callers
//! have joined the queue before the first group departs, so that one transaction carries them all.

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{
        AccessError, Actor, Answer, Clock, IdempotencyError, IdempotentRequest, PageRequest,
        Turned, id::VoucherBatchId,
    },
    store::{Store, StoreError},
    vouchers::{VoucherError, VoucherView, batches::rules::eligibility::Condition},
};
use niangjia_tests::{
    canteen::{Canteen, bearer, new_id},
    database::Kind,
    wish_scene::once,
};
use rstest::rstest;

type Outcome = Result<Answer<VoucherView>, VoucherError>;

/// All at once, in this order.
async fn claim_together(
    canteen: &Canteen,
    claims: &[(&Actor, IdempotentRequest, VoucherBatchId)],
) -> Vec<Outcome> {
    let claim = |(actor, request, batch): &(&Actor, IdempotentRequest, VoucherBatchId)| {
        canteen
            .vouchers
            .claims
            .claim(bearer(actor), request.clone(), *batch)
    };
    join_all(claims.iter().map(claim)).await
}

async fn sign_out(canteen: &Canteen, actor: &Actor) {
    let mut tx = canteen.scene.store.begin().await.unwrap();
    assert!(
        tx.sessions()
            .revoke(actor.session_id, canteen.scene.clock.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn each_of_a_group_gets_an_answer_of_its_own(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let mut scarce = canteen.new_batch();
    scarce.quota = 2;
    let (plenty, scarce) = (
        canteen.running(canteen.new_batch()).await,
        canteen.running(scarce).await,
    );
    let draft = canteen
        .vouchers
        .batches
        .draft(&canteen.maker, canteen.new_batch())
        .await
        .unwrap()
        .batch
        .id;
    let scene = &canteen.scene;
    let (one, two, three, four) = (
        scene.worker().await,
        scene.worker().await,
        scene.worker().await,
        scene.worker().await,
    );
    let (gone, stranger) = (scene.worker().await, scene.donor().await);
    sign_out(&canteen, &gone).await;
    let together = [
        (&one, plenty),
        (&two, scarce),
        (&gone, plenty),
        (&one, plenty),
        (&stranger, plenty),
        (&three, scarce),
        (&four, scarce),
        (&one, plenty),
        (&four, draft),
        (&four, new_id()),
        (&four, plenty),
    ];
    let outcomes = claim_together(
        &canteen,
        &together.map(|(actor, batch)| (actor, once(actor), batch)),
    )
    .await;
    for n in [0, 1, 3, 5, 10] {
        let answer = outcomes[n].as_ref().unwrap();
        let holder = together[n].0.person_id.unwrap();
        assert_eq!(
            (answer.value.voucher.person_id, answer.value.batch.id),
            (holder, together[n].1),
            "{n}"
        );
        assert_eq!((answer.replayed, answer.value.stations.len()), (false, 1));
    }
    assert!(matches!(
        outcomes[2],
        Err(VoucherError::Access(AccessError::SignedOut))
    ));
    assert!(
        matches!(&outcomes[4], Err(VoucherError::StandingInsufficient(it)) if it == &[Condition::Membership])
    );
    assert!(matches!(outcomes[6], Err(VoucherError::BatchExhausted)));
    assert!(matches!(outcomes[7], Err(VoucherError::PersonLimitReached)));
    assert!(matches!(
        outcomes[8],
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert!(matches!(
        outcomes[9],
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert_eq!(canteen.balanced(plenty).await.issued, 3);
    assert_eq!(canteen.balanced(scarce).await.issued, 2);
}

#[rstest]
#[tokio::test]
async fn twins_of_one_group_share_one_voucher(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, other) = (canteen.scene.worker().await, canteen.scene.worker().await);
    let request = once(&worker);
    let other_body = IdempotentRequest {
        fingerprint: [2; 32],
        ..request.clone()
    };
    // The same key of somebody else is another key.
    let namesake = IdempotentRequest {
        account_id: other.account_id,
        ..request.clone()
    };
    let together = [
        (&worker, request.clone(), batch),
        (&worker, request.clone(), batch),
        (&worker, other_body, batch),
        (&other, namesake, batch),
    ];
    let outcomes = claim_together(&canteen, &together).await;
    let (first, twin) = (outcomes[0].as_ref().unwrap(), outcomes[1].as_ref().unwrap());
    assert_eq!(first.value.voucher, twin.value.voucher);
    assert_eq!((first.replayed, twin.replayed), (false, true));
    assert!(matches!(
        outcomes[2],
        Err(VoucherError::Idempotency(IdempotencyError::KeyReused))
    ));
    assert_ne!(
        outcomes[3].as_ref().unwrap().value.voucher.id,
        first.value.voucher.id
    );
    let later = canteen
        .vouchers
        .claims
        .claim(bearer(&worker), request, batch)
        .await
        .unwrap();
    assert_eq!(
        (later.value.voucher, later.replayed),
        (first.value.voucher.clone(), true)
    );
    assert_eq!(canteen.balanced(batch).await.issued, 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn twins_at_two_processes_share_one_voucher(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let mut one_each = canteen.new_batch();
    one_each.per_person_limit = 1;
    let batch = canteen.running(one_each).await;
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    for _ in 0..10 {
        let worker = canteen.scene.worker().await;
        let request = once(&worker);
        let twins = (0..8).map(|n| {
            let (process, bearer, request) =
                (processes[n % 2].clone(), bearer(&worker), request.clone());
            tokio::spawn(async move { process.claims.claim(bearer, request, batch).await.unwrap() })
        });
        let answers: Vec<_> = join_all(twins)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(
            answers
                .iter()
                .all(|answer| answer.value.voucher == answers[0].value.voucher)
        );
        assert_eq!(
            answers.iter().filter(|answer| !answer.replayed).count(),
            1,
            "one first answer"
        );
    }
    assert_eq!(canteen.balanced(batch).await.issued, 10);
}

/// From now on the database answers nobody.
async fn cut_off(canteen: &Canteen) {
    canteen.scene.store.writer().clone().close().await.unwrap();
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
    let canteen = Canteen::open(kind).await;
    let mut scarce = canteen.new_batch();
    (scarce.quota, scarce.daily_quota, scarce.per_person_limit) =
        (daily_quota.map_or(1, |_| 2), daily_quota, 1);
    let batch = canteen.running(scarce).await;
    let is_sold_out = |outcome: &Outcome| match daily_quota {
        None => matches!(outcome, Err(VoucherError::BatchExhausted)),
        Some(_) => matches!(outcome, Err(VoucherError::DailyQuotaExhausted)),
    };
    let (winner, loser, late) = (
        canteen.scene.worker().await,
        canteen.scene.worker().await,
        canteen.scene.worker().await,
    );
    let lost_answer = once(&winner);
    let claim = async |actor: &Actor, request| {
        canteen
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

    cut_off(&canteen).await;
    assert!(is_sold_out(&claim(&loser, once(&loser)).await));
    assert!(
        is_sold_out(&claim(&late, once(&late)).await),
        "also to who has not asked before"
    );
    assert!(
        is_cut_off(&claim(&winner, lost_answer).await),
        "the first answer is the database's to give"
    );
    canteen.scene.clock.advance(TimeDelta::seconds(1));
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
    let canteen = Canteen::open(kind).await;
    let opening = canteen.scene.clock.now() + TimeDelta::minutes(10);
    let mut later = canteen.new_batch();
    later.claims_from = Some(opening);
    let batch = canteen.running(later).await;
    let worker = canteen.scene.worker().await;
    let is_early = |outcome: Result<VoucherView, VoucherError>| matches!(outcome, Err(VoucherError::BatchNotOpenYet { from, wait }) if from == opening && wait.as_secs() == 600);
    let page = PageRequest {
        limit: 20,
        after: None,
    };
    let missing = async || {
        canteen
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
        is_early(canteen.claim(&worker, batch).await),
        "found out by the first who asks"
    );
    canteen.scene.clock.advance(TimeDelta::minutes(10));
    assert!(missing().await.is_empty());
    canteen.claim(&worker, batch).await.unwrap();

    canteen.scene.clock.advance(TimeDelta::minutes(-10));
    cut_off(&canteen).await;
    assert!(is_early(canteen.claim(&worker, batch).await));
    canteen.scene.clock.advance(TimeDelta::minutes(10));
    assert!(is_cut_off(&canteen.claim(&worker, batch).await));
}

#[rstest]
#[tokio::test]
async fn winners_get_their_first_answer_at_any_process_and_more_quota_shows_within_a_second(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let mut scarce = canteen.new_batch();
    scarce.quota = 5;
    let batch = canteen.running(scarce).await;
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    let mut workers = Vec::new();
    for _ in 0..12 {
        let worker = canteen.scene.worker().await;
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
    canteen
        .vouchers
        .batches
        .change_quota(&canteen.maker, batch, 5, 12)
        .await
        .unwrap();
    canteen.scene.clock.advance(TimeDelta::seconds(1));
    for (n, (request, worker)) in workers.iter().enumerate() {
        processes[n % 2]
            .claims
            .claim(bearer(worker), request.clone(), batch)
            .await
            .unwrap();
    }
    assert_eq!(canteen.balanced(batch).await.issued, 12);
}
