//! The same scan more than once at a time.

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{IdempotencyError, IdempotentRequest},
    vouchers::{VoucherError, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{ScanExt, Town, bearer},
};
use rstest::rstest;

use super::{reason, scan_together};

#[rstest]
#[tokio::test]
async fn twins_of_one_group_hear_the_same(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let (staff, sound) = (
        bearer(&town.staff),
        town.scan_of(town.payload(&worker, voucher).await),
    );
    let (request, refused) = (once(&town.staff), once(&town.staff));
    let other_body = IdempotentRequest {
        fingerprint: [2; 32],
        ..request.clone()
    };
    let together = [
        (staff.clone(), request.clone(), sound.clone()),
        (staff.clone(), request.clone(), sound.clone()),
        (staff.clone(), other_body, town.scan_of("nonsense")),
        (staff.clone(), refused.clone(), town.scan_of("nonsense")),
        (staff.clone(), refused.clone(), town.scan_of("nonsense")),
    ];
    let outcomes = scan_together(&town, together.into()).await;
    let (first, twin) = (outcomes[0].as_ref().unwrap(), outcomes[1].as_ref().unwrap());
    assert_eq!((first.replayed, twin.replayed), (false, true));
    assert_eq!(
        first.value.clone().accepted(),
        twin.value.clone().accepted()
    );
    assert!(matches!(
        outcomes[2],
        Err(VoucherError::Idempotency(IdempotencyError::KeyReused))
    ));
    assert_eq!(
        (reason(&outcomes[3]), reason(&outcomes[4])),
        (Refusal::InvalidCode, Refusal::InvalidCode)
    );
    assert_eq!(
        town.count("SELECT COUNT(*) FROM refused_scans").await,
        1,
        "logged once"
    );
    let later = town.scan_again(&request, sound).await;
    assert_eq!(
        (later.replayed, later.value.accepted()),
        (true, first.value.clone().accepted())
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn twins_at_two_processes_hear_the_same(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    for _ in 0..8 {
        let (worker, voucher) = town.holder(batch).await;
        let (request, scan) = (
            once(&town.staff),
            town.scan_of(town.payload(&worker, voucher).await),
        );
        let twins = (0..8).map(|n| {
            let (process, bearer) = (processes[n % 2].clone(), bearer(&town.staff));
            let (request, scan) = (request.clone(), scan.clone());
            tokio::spawn(async move { process.scans.redeem(bearer, request, scan).await.unwrap() })
        });
        let answers: Vec<_> = join_all(twins)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(
            answers.iter().filter(|answer| !answer.replayed).count(),
            1,
            "one first answer"
        );
        let accepted: Vec<_> = answers
            .into_iter()
            .map(|answer| answer.value.accepted())
            .collect();
        assert!(accepted.iter().all(|one| *one == accepted[0]));
    }
    assert_eq!(town.balanced(batch).await.redeemed, 8);
}
