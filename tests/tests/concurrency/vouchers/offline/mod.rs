//! Races of stations without a network, each limit with a control without its guard.

mod caps;
mod devices;
mod uploads;

use niangjia_domain::{
    store::Store,
    vouchers::offline::{ItemOutcome, Upload, devices::device::StationDevice, ports::Enrolment},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    actors::once,
    rows::{VoucherRows, account, new_id},
    servers::database::{Kind, TestDatabase},
    town::Town,
};

const CALLERS: usize = 24;

const CEILING: u16 = 5;

async fn enrol(store: SqlStore, device: StationDevice) -> bool {
    let mut tx = store.begin().await.unwrap();
    let outcome = tx.station_devices().enrol(&device, CEILING).await.unwrap();
    tx.commit().await.unwrap();
    outcome == Enrolment::Enrolled
}

/// All devices at once, every other one on the second store; how many were enrolled.
async fn crowd(rows: &VoucherRows, two: &SqlStore) -> usize {
    let enrolments: Vec<_> = (0..CALLERS)
        .map(|n| {
            let store = if n % 2 == 0 {
                rows.store.clone()
            } else {
                two.clone()
            };
            let device = StationDevice::enrol(
                new_id(),
                rows.station,
                format!("scanner-{n}"),
                account(),
                rows.now,
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

async fn rows(kind: Kind) -> (TestDatabase, VoucherRows, SqlStore) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    (database, VoucherRows::new(one).await, two)
}

/// Uploads from both processes at once; what each was told about each scan.
async fn at_both(town: &Town, uploads: Vec<Upload>) -> Vec<Vec<ItemOutcome>> {
    let services = [
        town.services.offline.clone(),
        town.another_process().await.offline,
    ];
    let started: Vec<_> = uploads
        .into_iter()
        .enumerate()
        .map(|(n, upload)| {
            let (service, staff) = (services[n % 2].clone(), town.staff.clone());
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
