//! Uploads of offline scans and what becomes of the disputed ones, on both databases.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        AccessError, Actor, Clock, IdempotencyKey, IdempotentRequest, PageRequest,
        id::DisputedScanId, values::local_time,
    },
    store::Store,
    vouchers::{
        ScanRequest,
        batches::batch::Switch,
        offline::{
            ItemOutcome, OfflineError, Resolution, Upload, UploadedScan,
            disputes::dispute::DisputeStatus, ports::DisputeFilter,
        },
        scans::refusal::Refusal,
    },
};
use niangjia_tests::{
    canteen::ScanExt,
    database::Kind,
    outpost::Outpost,
    wish_scene::{DISTRICT, once},
};
use rstest::rstest;

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

fn reason(outcome: &ItemOutcome) -> &str {
    match outcome {
        ItemOutcome::Accepted { .. } => "accepted",
        ItemOutcome::Disputed { reason, .. } => reason,
        ItemOutcome::Malformed { field } => field,
    }
}

fn reasons(outcomes: &[ItemOutcome]) -> Vec<&str> {
    outcomes.iter().map(reason).collect()
}

fn dispute(outcome: &ItemOutcome) -> DisputedScanId {
    let ItemOutcome::Disputed { id, .. } = outcome else {
        panic!("{outcome:?}")
    };
    *id
}

#[rstest]
#[tokio::test]
async fn clean_scans_become_redemptions_whenever_and_however_often_they_come(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let mut served = vec![];
    for price in [None, Some(1_200), Some(1_800)] {
        let (worker, voucher) = canteen.holder(batch).await;
        served.push(UploadedScan {
            price_fen: price,
            ..outpost.served(&worker, voucher).await
        });
        canteen.scene.clock.advance(TimeDelta::minutes(1));
    }
    // A phone that is replaced after the meal takes nothing back.
    let (worker, voucher) = canteen.holder(batch).await;
    let phone = canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let step = niangjia_domain::vouchers::codes::code::CodeStep::at(
        voucher,
        phone.device_no,
        canteen.scene.clock.now(),
    );
    served.push(outpost.scan_of(step.offline_payload(&phone.secret)));
    canteen.scene.clock.advance(TimeDelta::hours(20));
    canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-2")
        .await
        .unwrap();
    served.reverse();
    let first = outpost.upload(&served).await;
    assert_eq!(reasons(&first), ["accepted"; 4]);
    let ItemOutcome::Accepted { amount, copay, .. } = &first[1] else {
        panic!()
    };
    assert_eq!((amount.get(), copay.get()), (1_500, 300));
    // Again in another order, with another request id and a twin inside.
    served.reverse();
    served.push(served[0].clone());
    let again = outpost.upload(&served).await;
    assert_eq!(
        again[..4].iter().rev().collect::<Vec<_>>(),
        first.iter().collect::<Vec<_>>()
    );
    assert_eq!(again[4], again[0]);
    let tally = canteen.balanced(batch).await;
    assert_eq!((tally.redeemed, tally.spent_fen), (4, 1_500 * 3 + 1_200));
    let days = "SELECT COUNT(*) FROM offline_days WHERE scans = 4 AND fen = 5700";
    assert_eq!(canteen.scene.count(days).await, 1);
    let today = local_time::date_of(canteen.scene.clock.now());
    let mut tx = canteen.scene.store.read().await.unwrap();
    let day = today - TimeDelta::days(1);
    let taken = tx
        .redemptions()
        .list_at(canteen.scene.station.id, day, FIRST)
        .await
        .unwrap();
    assert_eq!(taken.items.len(), 4, "on the day of the meal");
}

#[rstest]
#[tokio::test]
async fn what_does_not_add_up_is_parked_with_its_reason(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let now = canteen.scene.clock.now();
    let (worker, voucher) = canteen.holder(batch).await;
    let second = canteen.claim(&worker, batch).await.unwrap().voucher.id;
    let (other, used) = canteen.holder(batch).await;
    let eaten = outpost.served(&worker, voucher).await;
    let same_meal = UploadedScan {
        scanned_at: now + TimeDelta::seconds(1),
        ..outpost.served(&worker, second).await
    };
    let code = canteen.payload(&other, used).await;
    canteen
        .scan(canteen.scan_of(code.as_str()))
        .await
        .accepted();
    let used = outpost.scan_of(code.clone());
    let forged = outpost.scan_of(code.replace(".0.", ".7."));
    let unknown =
        outpost.scan_of("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned());
    let at = |scan: &UploadedScan, scanned_at| UploadedScan {
        scanned_at,
        scan_id: niangjia_tests::people::token(),
        ..scan.clone()
    };
    let (late, early) = (
        at(&same_meal, now + TimeDelta::minutes(3)),
        at(&same_meal, now - TimeDelta::days(1)),
    );
    let future = at(&same_meal, now + TimeDelta::hours(1));
    let short = outpost.scan_of("12345678".to_owned());
    let unnamed = UploadedScan {
        scan_id: "名".to_owned(),
        ..same_meal.clone()
    };
    let free = UploadedScan {
        price_fen: Some(0),
        ..same_meal.clone()
    };
    let never = at(&same_meal, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    let scans = [
        same_meal, eaten, used, forged, unknown, late, early, future, short, unnamed, free, never,
    ];
    let outcomes = outpost.upload(&scans).await;
    let expected = [
        "person_meal_limit",
        "accepted",
        "already_redeemed",
        "invalid_code",
        "invalid_code",
        "code_expired",
        "clock_skew",
        "clock_skew",
        "code",
        "scanId",
        "priceFen",
        "scannedAt",
    ];
    assert_eq!(reasons(&outcomes), expected);
    assert_eq!(reasons(&outpost.upload(&scans).await), expected);
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM disputed_scans")
            .await,
        7
    );
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM offline_days WHERE scans = 1")
            .await,
        1,
        "given back"
    );
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Pause)
        .await
        .unwrap();
    let paused = UploadedScan {
        scan_id: niangjia_tests::people::token(),
        ..scans[0].clone()
    };
    let outcome = outpost.upload(&[paused]).await;
    assert_eq!(
        reasons(&outcome),
        ["person_meal_limit"],
        "the easiest to mend, as over the network"
    );
    canteen.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn one_scan_id_is_one_scan_over_the_network_and_in_an_upload(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let (worker, voucher) = canteen.holder(batch).await;
    let request = once(outpost.staff());
    let code = canteen.payload(&worker, voucher).await;
    let live = canteen
        .scan_again(&request, canteen.scan_of(code.as_str()))
        .await
        .value
        .accepted();
    let same = UploadedScan {
        scan_id: request.key.as_str().to_owned(),
        ..outpost.scan_of(code.clone())
    };
    let outcomes = outpost.upload(std::slice::from_ref(&same)).await;
    let ItemOutcome::Accepted { redemption_id, .. } = outcomes[0] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(redemption_id, live.redemption_id);
    assert_eq!(
        reasons(&outpost.upload(&[outpost.scan_of(code)]).await),
        ["already_redeemed"],
        "another scan is not"
    );
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM offline_days WHERE scans = 0 AND fen = 0")
            .await,
        1
    );
    // The other way round: uploaded first, sent over the network after all.
    let (third, voucher) = canteen.holder(batch).await;
    let served = outpost.served(&third, voucher).await;
    let outcomes = outpost.upload(std::slice::from_ref(&served)).await;
    let ItemOutcome::Accepted { redemption_id, .. } = outcomes[0] else {
        panic!("{outcomes:?}")
    };
    let key = IdempotencyKey::parse(&served.scan_id).unwrap();
    let request = IdempotentRequest {
        key,
        ..once(outpost.staff())
    };
    let late = canteen
        .scan_again(&request, canteen.scan_of(served.code.as_str()))
        .await
        .value
        .accepted();
    assert_eq!(late.redemption_id, redemption_id);
    // A refusal that never reached the device, which served the meal all the same.
    canteen.scene.clock.advance(TimeDelta::minutes(10));
    let (other, second) = canteen.holder(batch).await;
    let code = canteen.payload(&other, second).await;
    let request = once(outpost.staff());
    let skewed = Some(canteen.scene.clock.now() - TimeDelta::minutes(2));
    let early = ScanRequest {
        scanned_at: skewed,
        ..canteen.scan_of(code.as_str())
    };
    assert_eq!(
        canteen.scan_again(&request, early).await.value.refused(),
        Refusal::ClockSkew
    );
    let same = UploadedScan {
        scan_id: request.key.as_str().to_owned(),
        ..outpost.scan_of(code)
    };
    assert_eq!(reasons(&outpost.upload(&[same]).await), ["clock_skew"]);
}

/// A screenshot served at a station without a network, while the holder's own scan was annulled.
#[rstest]
#[tokio::test]
async fn a_burnt_code_is_no_better_for_being_uploaded_late(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let (worker, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&worker, voucher).await;
    let live = canteen
        .scan(ScanRequest {
            device_id: "till".to_owned(),
            ..canteen.scan_of(code.as_str())
        })
        .await;
    canteen
        .vouchers
        .scans
        .annul(outpost.staff(), live.accepted().redemption_id, "扫错了人")
        .await
        .unwrap();
    let screenshot = outpost.scan_of(code);
    canteen.scene.clock.advance(TimeDelta::hours(20));
    canteen.vouchers.wallet.expire_unused(100).await.unwrap();
    assert_eq!(
        reasons(&outpost.upload(&[screenshot]).await),
        ["code_replayed"]
    );
    assert_eq!(canteen.balanced(batch).await.redeemed, 0);
}

#[rstest]
#[tokio::test]
async fn a_device_takes_no_more_on_a_day_than_it_may(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    canteen
        .scene
        .execute("UPDATE offline_days SET max_scans = 3, max_fen = 3000", [])
        .await;
    let mut scans = vec![];
    for n in 0..5 {
        let (worker, voucher) = canteen.holder(batch).await;
        scans.push(outpost.served(&worker, voucher).await);
        // Refused, it leaves its place to another.
        if n == 0 {
            let code = scans[0].code.replace(".0.", ".7.");
            scans[0] = outpost.scan_of(code);
        }
        canteen.scene.clock.advance(TimeDelta::seconds(30));
    }
    let outcomes = outpost.upload(&scans).await;
    assert_eq!(
        reasons(&outcomes),
        [
            "invalid_code",
            "accepted",
            "accepted",
            "cap_exceeded",
            "cap_exceeded"
        ]
    );
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM offline_days WHERE scans = 2 AND fen = 3000")
            .await,
        1
    );
    canteen.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn a_revoked_device_scans_no_more_and_its_uploads_are_looked_at(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    canteen.eat(&worker, voucher).await.accepted();
    let known = "SELECT COUNT(*) FROM station_devices WHERE device_id = 'scanner-1'";
    assert_eq!(
        canteen.scene.count(known).await,
        1,
        "enrolled by its first scan"
    );
    let deeds = "SELECT COUNT(*) FROM audit_entries WHERE action = 'station_device.enrolled'";
    let (other, second) = canteen.holder(batch).await;
    canteen.eat(&other, second).await.accepted();
    assert_eq!(canteen.scene.count(deeds).await, 1);
    let device = outpost.packed("scanner-1").await;
    let (third, voucher) = canteen.holder(batch).await;
    let served = outpost.served(&third, voucher).await;
    outpost
        .offline
        .revoke(outpost.staff(), device.id, "手机丢失")
        .await
        .unwrap();
    let scan = canteen.scan(canteen.scan_of(served.code.as_str())).await;
    assert_eq!(scan.refused(), Refusal::DeviceRevoked);
    let outcomes = outpost.upload(&[served]).await;
    assert_eq!(reasons(&outcomes), ["device_revoked"]);
    let cadre = canteen.scene.cadre(DISTRICT);
    let retried = outpost
        .offline
        .resolve(
            &cadre,
            dispute(&outcomes[0]),
            Resolution::Retry,
            "设备已找回",
            1,
        )
        .await
        .unwrap();
    assert_eq!(retried.status(), DisputeStatus::Redeemed);
    assert_eq!(canteen.balanced(batch).await.redeemed, 3);
}

#[rstest]
#[tokio::test]
async fn an_upload_says_how_far_the_device_is(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let (offline, staff, station) = (&outpost.offline, outpost.staff(), canteen.scene.station.id);
    let unknown = offline
        .upload(staff, &once(staff), outpost.upload_of(&[]))
        .await;
    assert!(matches!(unknown, Err(OfflineError::DeviceUnknown)));
    outpost.packed("scanner-1").await;
    let now = canteen.scene.clock.now();
    let today = local_time::date_of(now);
    let owed = async || {
        let mut tx = canteen.scene.store.read().await.unwrap();
        tx.station_devices()
            .unsynced(station, today)
            .await
            .unwrap()
            .len()
    };
    let synced = async |through| {
        let upload = Upload {
            synced_through: Some(through),
            ..outpost.upload_of(&[])
        };
        offline
            .upload(staff, &once(staff), upload)
            .await
            .map(|_| ())
    };
    let tomorrow = local_time::start_of(today + TimeDelta::days(1));
    assert!(
        matches!(synced(tomorrow).await, Err(OfflineError::Invalid(_))),
        "not of the future"
    );
    synced(now).await.unwrap();
    assert_eq!(owed().await, 1);
    canteen.scene.clock.advance(TimeDelta::hours(13));
    synced(tomorrow).await.unwrap();
    assert_eq!(owed().await, 0);
    let stranger = canteen.scene.worker().await;
    let refused = offline
        .upload(&stranger, &once(&stranger), outpost.upload_of(&[]))
        .await;
    assert!(matches!(
        refused,
        Err(OfflineError::Access(AccessError::Forbidden))
    ));
}

#[rstest]
#[tokio::test]
async fn a_cadre_honours_rejects_or_has_it_judged_again(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let (canteen, offline) = (&outpost.canteen, &outpost.offline);
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let mut scans = vec![];
    let mut live = vec![];
    for _ in 0..3 {
        let (worker, voucher) = canteen.holder(batch).await;
        let code = canteen.payload(&worker, voucher).await;
        scans.push(outpost.scan_of(code.clone()));
        live.push(
            canteen
                .scan(ScanRequest {
                    device_id: "till".to_owned(),
                    ..canteen.scan_of(code)
                })
                .await
                .accepted(),
        );
    }
    scans
        .push(outpost.scan_of("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned()));
    let outcomes = outpost.upload(&scans).await;
    let ids: Vec<_> = outcomes.iter().map(dispute).collect();
    let (cadre, qufu) = (canteen.scene.cadre(DISTRICT), canteen.scene.cadre("370881"));
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
        station: Some(canteen.scene.station.id),
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
    let staff = resolve(outpost.staff(), 0, Resolution::Honour).await;
    assert!(matches!(
        staff,
        Err(OfflineError::Access(AccessError::Forbidden))
    ));
    let before = canteen.balanced(batch).await;
    assert_eq!(
        resolve(&cadre, 0, Resolution::Honour)
            .await
            .unwrap()
            .status(),
        DisputeStatus::Honoured
    );
    let after = canteen.balanced(batch).await;
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
    canteen
        .vouchers
        .scans
        .annul(outpost.staff(), live[2].redemption_id, "扫错了人")
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
    assert_eq!(canteen.scene.count(deeds).await, 2);
}
