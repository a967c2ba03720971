//! Races of stations without a network, each limit with a control without its guard.

use niangjia_domain::{
    store::Store,
    vouchers::{
        ScanAnswer,
        offline::{ItemOutcome, Upload, devices::device::StationDevice, ports::Enrolment},
    },
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    canteen::{Till, account, bearer, new_id},
    database::{Kind, TestDatabase},
    outpost::Outpost,
    wish_scene::once,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

const CALLERS: usize = 24;
const CEILING: u16 = 5;

async fn enrol(store: SqlStore, device: StationDevice) -> bool {
    let mut tx = store.begin().await.unwrap();
    let outcome = tx.station_devices().enrol(&device, CEILING).await.unwrap();
    tx.commit().await.unwrap();
    outcome == Enrolment::Enrolled
}

/// All devices at once, every other one on the second store; how many were enrolled.
async fn crowd(till: &Till, two: &SqlStore) -> usize {
    let enrolments: Vec<_> = (0..CALLERS)
        .map(|n| {
            let store = if n % 2 == 0 {
                till.store.clone()
            } else {
                two.clone()
            };
            let device = StationDevice::enrol(
                new_id(),
                till.station,
                format!("scanner-{n}"),
                account(),
                till.now,
            );
            tokio::spawn(enrol(store, device))
        })
        .collect();
    let mut enrolled = 0;
    for enrolment in enrolments {
        enrolled += usize::from(enrolment.await.unwrap());
    }
    enrolled
}

async fn till(kind: Kind) -> (TestDatabase, Till, SqlStore) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    (database, Till::new(one).await, two)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_station_never_has_more_devices_than_it_may(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till, two) = till(kind).await;
    assert_eq!(crowd(&till, &two).await, usize::from(CEILING));
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_numbered_slots_a_station_has_more() {
    let (_database, till, two) = till(Kind::Postgres).await;
    till.store
        .writer()
        .execute_unprepared("DROP INDEX station_devices_slot")
        .await
        .unwrap();
    // Everybody looks before anybody is seen.
    let sleep = "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END'; \
                 CREATE TRIGGER linger AFTER INSERT ON station_devices FOR EACH ROW EXECUTE FUNCTION linger()";
    till.store.writer().execute_unprepared(sleep).await.unwrap();
    let enrolled = crowd(&till, &two).await;
    assert!(
        enrolled > usize::from(CEILING),
        "{enrolled}: the control no longer races"
    );
}

/// Uploads from both processes at once; what each was told about each scan.
async fn at_both(outpost: &Outpost, uploads: Vec<Upload>) -> Vec<Vec<ItemOutcome>> {
    let services = [outpost.offline.clone(), outpost.another_process().await];
    let started: Vec<_> = uploads
        .into_iter()
        .enumerate()
        .map(|(n, upload)| {
            let (service, staff) = (services[n % 2].clone(), outpost.staff().clone());
            tokio::spawn(async move {
                service
                    .upload(&staff, &once(&staff), upload)
                    .await
                    .unwrap()
                    .value
                    .scans
            })
        })
        .collect();
    let mut told = Vec::new();
    for upload in started {
        told.push(
            upload
                .await
                .unwrap()
                .into_iter()
                .map(|answer| answer.outcome)
                .collect(),
        );
    }
    told
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_upload_sent_by_two_processes_is_taken_in_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let mut scans = vec![];
    for _ in 0..4 {
        let (worker, voucher) = canteen.holder(batch).await;
        scans.push(outpost.served(&worker, voucher).await);
    }
    scans
        .push(outpost.scan_of("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned()));
    // Forwards and backwards: twins must not wait for each other in a circle.
    let turned = |n: usize| {
        if n % 4 < 2 {
            scans.clone()
        } else {
            scans.iter().rev().cloned().collect()
        }
    };
    let uploads = (0..8).map(|n| outpost.upload_of(&turned(n))).collect();
    let mut told = at_both(&outpost, uploads).await;
    for (n, outcomes) in told.iter_mut().enumerate() {
        if n % 4 >= 2 {
            outcomes.reverse();
        }
    }
    assert!(told.iter().all(|outcomes| *outcomes == told[0]), "{told:?}");
    assert_eq!(canteen.balanced(batch).await.redeemed, 4);
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM disputed_scans")
            .await,
        1
    );
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM offline_days WHERE scans = 4")
            .await,
        1
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_scanned_and_uploaded_at_once_pays_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let (worker, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&worker, voucher).await;
    let live: Vec<_> = (0..6)
        .map(|_| {
            let (service, staff, scan) = (
                canteen.vouchers.clone(),
                canteen.staff.clone(),
                canteen.scan_of(code.as_str()),
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
        .map(|_| outpost.upload_of(&[outpost.scan_of(code.clone())]))
        .collect();
    let uploaded = at_both(&outpost, uploads).await;
    let mut accepted = uploaded
        .iter()
        .filter(|told| matches!(told[0], ItemOutcome::Accepted { .. }))
        .count();
    for scan in live {
        accepted += usize::from(matches!(scan.await.unwrap(), ScanAnswer::Accepted { .. }));
    }
    assert_eq!(accepted, 1);
    assert_eq!(canteen.balanced(batch).await.redeemed, 1);
}

/// Eight uploads of one scan each, by a device that may take three.
async fn crowded_day(outpost: &Outpost) -> usize {
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    canteen
        .scene
        .execute("UPDATE offline_days SET max_scans = 3", [])
        .await;
    let mut uploads = vec![];
    for _ in 0..8 {
        let (worker, voucher) = canteen.holder(batch).await;
        uploads.push(outpost.upload_of(&[outpost.served(&worker, voucher).await]));
    }
    let told = at_both(outpost, uploads).await;
    canteen.balanced(batch).await;
    told.iter()
        .filter(|told| matches!(told[0], ItemOutcome::Accepted { .. }))
        .count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_days_cap_holds_however_many_upload(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    assert_eq!(crowded_day(&Outpost::open(kind).await).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_counter_row_a_device_takes_more() {
    let outpost = Outpost::open(Kind::Postgres).await;
    // Every take finds an untouched day: as if each had looked for itself.
    let forget = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN NEW.scans := 0; NEW.fen := 0; RETURN NEW; END'; \
                  CREATE TRIGGER forget BEFORE UPDATE ON offline_days FOR EACH ROW EXECUTE FUNCTION forget()";
    outpost
        .canteen
        .scene
        .store
        .writer()
        .execute_unprepared(forget)
        .await
        .unwrap();
    assert!(crowded_day(&outpost).await > 3, "the control is no control");
}
