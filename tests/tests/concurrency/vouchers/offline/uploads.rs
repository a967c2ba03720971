//! Uploads to two processes.

use niangjia_domain::vouchers::{ScanAnswer, offline::ItemOutcome};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{Town, bearer},
};
use rstest::rstest;

use super::at_both;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_upload_sent_by_two_processes_is_taken_in_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let mut scans = vec![];
    for _ in 0..4 {
        let (worker, voucher) = town.holder(batch).await;
        scans.push(town.served(&worker, voucher).await);
    }
    scans.push(
        town.offline_scan_of("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned()),
    );
    // Forwards and backwards: twins must not wait for each other in a circle.
    let turned = |n: usize| {
        if n % 4 < 2 {
            scans.clone()
        } else {
            scans.iter().rev().cloned().collect()
        }
    };
    let uploads = (0..8).map(|n| town.upload_of(&turned(n))).collect();
    let mut told = at_both(&town, uploads).await;
    for (n, outcomes) in told.iter_mut().enumerate() {
        if n % 4 >= 2 {
            outcomes.reverse();
        }
    }
    assert!(told.iter().all(|outcomes| *outcomes == told[0]), "{told:?}");
    assert_eq!(town.balanced(batch).await.redeemed, 4);
    assert_eq!(town.count("SELECT COUNT(*) FROM disputed_scans").await, 1);
    assert_eq!(
        town.count("SELECT COUNT(*) FROM offline_days WHERE scans = 4")
            .await,
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_scanned_and_uploaded_at_once_pays_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let (worker, voucher) = town.holder(batch).await;
    let code = town.payload(&worker, voucher).await;
    let live: Vec<_> = (0..6)
        .map(|_| {
            let (service, staff, scan) = (
                town.services.vouchers.clone(),
                town.staff.clone(),
                town.scan_of(code.as_str()),
            );
            tokio::spawn(async move {
                service
                    .scans
                    .redeem(bearer(&staff), once(&staff), scan)
                    .await
                    .unwrap()
                    .value
            })
        })
        .collect();
    let uploads = (0..6)
        .map(|_| town.upload_of(&[town.offline_scan_of(code.clone())]))
        .collect();
    let uploaded = at_both(&town, uploads).await;
    let mut accepted = uploaded
        .iter()
        .filter(|told| matches!(told[0], ItemOutcome::Accepted { .. }))
        .count();
    for scan in live {
        accepted += usize::from(matches!(scan.await.unwrap(), ScanAnswer::Accepted { .. }));
    }
    assert_eq!(accepted, 1);
    assert_eq!(town.balanced(batch).await.redeemed, 1);
}
