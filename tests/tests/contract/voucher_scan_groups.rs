//! Scans that travel together, over both databases. On the one thread of these tests all of them
//! have joined the queue before the first group departs, so that one transaction carries them all.

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{AccessError, Answer, Bearer, Clock, IdempotencyError, IdempotentRequest},
    store::Store,
    vouchers::{ScanAnswer, ScanRequest, VoucherError, scans::refusal::Refusal},
};
use niangjia_tests::{
    canteen::{Canteen, ScanExt, bearer, new_id},
    database::Kind,
    wish_scene::once,
};
use rstest::rstest;

type Outcome = Result<Answer<ScanAnswer>, VoucherError>;

/// All at once, in this order.
async fn scan_together(
    canteen: &Canteen,
    scans: Vec<(Bearer, IdempotentRequest, ScanRequest)>,
) -> Vec<Outcome> {
    let scan = |(bearer, request, scan)| canteen.vouchers.scans.redeem(bearer, request, scan);
    join_all(scans.into_iter().map(scan)).await
}

fn reason(outcome: &Outcome) -> Refusal {
    outcome.as_ref().unwrap().value.clone().refused()
}

#[rstest]
#[tokio::test]
async fn each_of_a_group_gets_an_answer_of_its_own(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (one, first) = canteen.holder(batch).await;
    let second = canteen.claim(&one, batch).await.unwrap().voucher.id;
    let (two, other) = canteen.holder(batch).await;
    let (codes, others) = (
        canteen.payload(&one, first).await,
        canteen.payload(&two, other).await,
    );
    let short = canteen
        .vouchers
        .codes
        .show_code(&one, second)
        .await
        .unwrap()
        .short_code;
    let (staff, worker, gone) = (
        canteen.staff.clone(),
        canteen.scene.worker().await,
        canteen.scene.staff().await,
    );
    let mut tx = canteen.scene.store.begin().await.unwrap();
    assert!(
        tx.sessions()
            .revoke(gone.session_id, canteen.scene.clock.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let elsewhere = ScanRequest {
        station_id: new_id(),
        ..canteen.scan_of(others.as_str())
    };
    let together = [
        (&staff, canteen.scan_of(codes.as_str())),
        (&staff, canteen.scan_of(codes.as_str())),
        (&staff, canteen.scan_of("nonsense")),
        (&staff, canteen.scan_of(short)),
        (&worker, canteen.scan_of(others.as_str())),
        (&gone, canteen.scan_of(others.as_str())),
        (&staff, elsewhere),
        (&staff, canteen.scan_of(others.as_str())),
    ];
    let scans = together.map(|(actor, scan)| (bearer(actor), once(actor), scan));
    let outcomes = scan_together(&canteen, scans.into()).await;
    let accepted = outcomes[0].as_ref().unwrap().value.clone().accepted();
    assert_eq!(accepted.voucher_id, first);
    let Ok(Answer {
        value:
            ScanAnswer::Refused {
                reason: again,
                used: Some(used),
            },
        ..
    }) = &outcomes[1]
    else {
        panic!("{:?}", outcomes[1])
    };
    assert_eq!(
        (*again, used.at),
        (Refusal::AlreadyRedeemed, accepted.accepted_at),
        "the loser hears when and where"
    );
    assert_eq!(used.station_name, canteen.scene.station.name);
    assert_eq!(
        (reason(&outcomes[2]), reason(&outcomes[3])),
        (Refusal::InvalidCode, Refusal::PersonMealLimit)
    );
    assert!(matches!(
        outcomes[4],
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    assert!(matches!(
        outcomes[5],
        Err(VoucherError::Access(AccessError::SignedOut))
    ));
    assert_eq!(reason(&outcomes[6]), Refusal::StaffNotBound);
    let ScanAnswer::Accepted {
        scan,
        holder_masked,
    } = &outcomes[7].as_ref().unwrap().value
    else {
        panic!("accepted")
    };
    assert_eq!(
        (
            scan.voucher_id,
            holder_masked.as_deref().map(|name| name.ends_with("**"))
        ),
        (other, Some(true))
    );
    assert!(outcomes.iter().flatten().all(|answer| !answer.replayed));
    assert_eq!(canteen.balanced(batch).await.redeemed, 2);
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM refused_scans")
            .await,
        4
    );
    let live = "SELECT COUNT(*) FROM voucher_used_steps";
    assert_eq!(
        canteen.scene.count(live).await,
        2,
        "losers gave back what they took"
    );
}

#[rstest]
#[tokio::test]
async fn twins_of_one_group_hear_the_same(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let (staff, sound) = (
        bearer(&canteen.staff),
        canteen.scan_of(canteen.payload(&worker, voucher).await),
    );
    let (request, refused) = (once(&canteen.staff), once(&canteen.staff));
    let other_body = IdempotentRequest {
        fingerprint: [2; 32],
        ..request.clone()
    };
    let together = [
        (staff.clone(), request.clone(), sound.clone()),
        (staff.clone(), request.clone(), sound.clone()),
        (staff.clone(), other_body, canteen.scan_of("nonsense")),
        (staff.clone(), refused.clone(), canteen.scan_of("nonsense")),
        (staff.clone(), refused.clone(), canteen.scan_of("nonsense")),
    ];
    let outcomes = scan_together(&canteen, together.into()).await;
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
        canteen
            .scene
            .count("SELECT COUNT(*) FROM refused_scans")
            .await,
        1,
        "logged once"
    );
    let later = canteen.scan_again(&request, sound).await;
    assert_eq!(
        (later.replayed, later.value.accepted()),
        (true, first.value.clone().accepted())
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn twins_at_two_processes_hear_the_same(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    for _ in 0..8 {
        let (worker, voucher) = canteen.holder(batch).await;
        let (request, scan) = (
            once(&canteen.staff),
            canteen.scan_of(canteen.payload(&worker, voucher).await),
        );
        let twins = (0..8).map(|n| {
            let (process, bearer) = (processes[n % 2].clone(), bearer(&canteen.staff));
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
    assert_eq!(canteen.balanced(batch).await.redeemed, 8);
}

#[rstest]
#[tokio::test]
async fn a_group_of_a_hundred_is_accepted_in_one_go(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let (batch, other) = (
        canteen.running(canteen.new_batch()).await,
        canteen.running(canteen.new_batch()).await,
    );
    let mut scans = Vec::new();
    for n in 0..100 {
        let (worker, voucher) = canteen.holder(if n % 3 == 0 { other } else { batch }).await;
        let code = canteen.payload(&worker, voucher).await;
        let scan = ScanRequest {
            price_fen: Some(1_000),
            ..canteen.scan_of(code)
        };
        scans.push((bearer(&canteen.staff), once(&canteen.staff), scan));
    }
    for outcome in scan_together(&canteen, scans).await {
        assert_eq!(outcome.unwrap().value.accepted().amount.get(), 1_000);
    }
    let (one, two) = (canteen.balanced(batch).await, canteen.balanced(other).await);
    assert_eq!((one.redeemed, two.redeemed), (66, 34));
    assert_eq!((one.spent_fen, two.spent_fen), (66_000, 34_000));
}
