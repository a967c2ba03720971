//! What becomes of each member of a group, and of twins.

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{AccessError, IdempotencyError, IdempotentRequest},
    vouchers::{VoucherError, batches::rules::eligibility::Condition},
};
use niangjia_tests::{
    actors::once,
    rows::new_id,
    servers::database::Kind,
    town::{Town, bearer},
};
use rstest::rstest;

use super::{claim_together, sign_out};

#[rstest]
#[tokio::test]
async fn each_of_a_group_gets_an_answer_of_its_own(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut scarce = town.new_batch();
    scarce.quota = 2;
    let (plenty, scarce) = (
        town.running(town.new_batch()).await,
        town.running(scarce).await,
    );
    let draft = town
        .services
        .vouchers
        .batches
        .draft(&town.maker, town.new_batch())
        .await
        .unwrap()
        .batch
        .id;
    let (one, two, three, four) = (
        town.worker().await,
        town.worker().await,
        town.worker().await,
        town.worker().await,
    );
    let (gone, stranger) = (town.worker().await, town.donor().await);
    sign_out(&town, &gone).await;
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
        &town,
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
    assert_eq!(town.balanced(plenty).await.issued, 3);
    assert_eq!(town.balanced(scarce).await.issued, 2);
}

#[rstest]
#[tokio::test]
async fn twins_of_one_group_share_one_voucher(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, other) = (town.worker().await, town.worker().await);
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
    let outcomes = claim_together(&town, &together).await;
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
    let later = town
        .services
        .vouchers
        .claims
        .claim(bearer(&worker), request, batch)
        .await
        .unwrap();
    assert_eq!(
        (later.value.voucher, later.replayed),
        (first.value.voucher.clone(), true)
    );
    assert_eq!(town.balanced(batch).await.issued, 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn twins_at_two_processes_share_one_voucher(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut one_each = town.new_batch();
    one_each.per_person_limit = 1;
    let batch = town.running(one_each).await;
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    for _ in 0..10 {
        let worker = town.worker().await;
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
    assert_eq!(town.balanced(batch).await.issued, 10);
}
