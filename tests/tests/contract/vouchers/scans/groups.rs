//! What becomes of each member of a group.

use niangjia_domain::{
    kernel::{AccessError, Answer, Clock},
    store::Store,
    vouchers::{ScanAnswer, ScanRequest, VoucherError, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    rows::new_id,
    servers::database::Kind,
    town::{ScanExt, Town, bearer},
};
use rstest::rstest;

use super::{reason, scan_together};

#[rstest]
#[tokio::test]
async fn each_of_a_group_gets_an_answer_of_its_own(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (one, first) = town.holder(batch).await;
    let second = town.claim(&one, batch).await.unwrap().voucher.id;
    let (two, other) = town.holder(batch).await;
    let (codes, others) = (
        town.payload(&one, first).await,
        town.payload(&two, other).await,
    );
    let short = town
        .services
        .vouchers
        .codes
        .show_code(&one, second)
        .await
        .unwrap()
        .short_code;
    let (staff, worker, gone) = (
        town.staff.clone(),
        town.worker().await,
        town.another_staff().await,
    );
    let mut tx = town.store.begin().await.unwrap();
    assert!(
        tx.sessions()
            .revoke(gone.session_id, town.clock.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let elsewhere = ScanRequest {
        station_id: new_id(),
        ..town.scan_of(others.as_str())
    };
    let together = [
        (&staff, town.scan_of(codes.as_str())),
        (&staff, town.scan_of(codes.as_str())),
        (&staff, town.scan_of("nonsense")),
        (&staff, town.scan_of(short)),
        (&worker, town.scan_of(others.as_str())),
        (&gone, town.scan_of(others.as_str())),
        (&staff, elsewhere),
        (&staff, town.scan_of(others.as_str())),
    ];
    let scans = together.map(|(actor, scan)| (bearer(actor), once(actor), scan));
    let outcomes = scan_together(&town, scans.into()).await;
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
    assert_eq!(used.station_name, town.station.name);
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
    assert_eq!(town.balanced(batch).await.redeemed, 2);
    assert_eq!(town.count("SELECT COUNT(*) FROM refused_scans").await, 4);
    let live = "SELECT COUNT(*) FROM voucher_used_steps";
    assert_eq!(town.count(live).await, 2, "losers gave back what they took");
}

#[rstest]
#[tokio::test]
async fn a_group_of_a_hundred_is_accepted_in_one_go(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (batch, other) = (
        town.running(town.new_batch()).await,
        town.running(town.new_batch()).await,
    );
    let mut scans = Vec::new();
    for n in 0..100 {
        let (worker, voucher) = town.holder(if n % 3 == 0 { other } else { batch }).await;
        let code = town.payload(&worker, voucher).await;
        let scan = ScanRequest {
            price_fen: Some(1_000),
            ..town.scan_of(code)
        };
        scans.push((bearer(&town.staff), once(&town.staff), scan));
    }
    for outcome in scan_together(&town, scans).await {
        assert_eq!(outcome.unwrap().value.accepted().amount.get(), 1_000);
    }
    let (one, two) = (town.balanced(batch).await, town.balanced(other).await);
    assert_eq!((one.redeemed, two.redeemed), (66, 34));
    assert_eq!((one.spent_fen, two.spent_fen), (66_000, 34_000));
}
