//! What a cadre makes of a disputed scan.

use niangjia_domain::{
    kernel::{AccessError, Actor},
    vouchers::{
        ScanRequest,
        offline::{
            OfflineError, Resolution, disputes::dispute::DisputeStatus, ports::DisputeFilter,
        },
        scans::refusal::Refusal,
    },
};
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    servers::database::Kind,
    town::{ScanExt, Town},
};
use rstest::rstest;

use super::{FIRST, dispute};

#[rstest]
#[tokio::test]
async fn a_cadre_honours_rejects_or_has_it_judged_again(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (town, offline) = (&town, &town.services.offline);
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let mut scans = vec![];
    let mut live = vec![];
    for _ in 0..3 {
        let (worker, voucher) = town.holder(batch).await;
        let code = town.payload(&worker, voucher).await;
        scans.push(town.offline_scan_of(code.clone()));
        live.push(
            town.scan(ScanRequest {
                device_id: "rows".to_owned(),
                ..town.scan_of(code)
            })
            .await
            .accepted(),
        );
    }
    scans.push(
        town.offline_scan_of("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned()),
    );
    let outcomes = town.upload(&scans).await;
    let ids: Vec<_> = outcomes.iter().map(dispute).collect();
    let (cadre, qufu) = (town.cadre(DISTRICT), town.cadre(QUFU));
    let listed = async |actor: &Actor, filter| {
        offline
            .disputes(actor, filter, FIRST)
            .await
            .unwrap()
            .items
            .len()
    };
    let open = DisputeFilter {
        status: Some(DisputeStatus::Open),
        station: Some(town.station.id),
    };
    assert_eq!(
        (
            listed(&cadre, open).await,
            listed(&qufu, DisputeFilter::default()).await
        ),
        (4, 0)
    );
    let resolve = async |actor: &Actor, n: usize, how| {
        let shown = offline.under_review(&[ids[n].to_string()]).await.unwrap();
        let revision = shown[0].revision;
        offline
            .resolve(actor, ids[n], how, "与驿站核实", revision)
            .await
    };

    assert!(matches!(
        resolve(&qufu, 0, Resolution::Honour).await,
        Err(OfflineError::Access(AccessError::NotFound))
    ));
    let staff = resolve(&town.staff, 0, Resolution::Honour).await;
    assert!(matches!(
        staff,
        Err(OfflineError::Access(AccessError::Forbidden))
    ));
    let before = town.balanced(batch).await;
    assert_eq!(
        resolve(&cadre, 0, Resolution::Honour)
            .await
            .unwrap()
            .status(),
        DisputeStatus::Honoured
    );
    let after = town.balanced(batch).await;
    assert_eq!(after.spent_fen - before.spent_fen, 1_500);
    for how in [Resolution::Honour, Resolution::Reject, Resolution::Retry] {
        assert!(matches!(
            resolve(&cadre, 0, how).await,
            Err(OfflineError::AlreadyResolved)
        ));
    }
    assert_eq!(
        resolve(&cadre, 1, Resolution::Reject)
            .await
            .unwrap()
            .status(),
        DisputeStatus::Rejected
    );

    let still = resolve(&cadre, 2, Resolution::Retry).await;
    assert!(matches!(
        still,
        Err(OfflineError::StillDisputed(Refusal::AlreadyRedeemed))
    ));
    town.services
        .vouchers
        .scans
        .annul(&town.staff, live[2].redemption_id, "扫错了人")
        .await
        .unwrap();
    // The annulled scan used the code; what a cadre can still do is honour it.
    let used = resolve(&cadre, 2, Resolution::Retry).await;
    assert!(matches!(
        used,
        Err(OfflineError::StillDisputed(Refusal::CodeReplayed))
    ));
    assert!(matches!(
        resolve(&cadre, 3, Resolution::Honour).await,
        Err(OfflineError::NothingToHonour)
    ));
    assert_eq!(listed(&cadre, open).await, 2);
    let deeds = "SELECT COUNT(*) FROM audit_entries WHERE action = 'disputed_scan.resolved'";
    assert_eq!(town.count(deeds).await, 2);
}
