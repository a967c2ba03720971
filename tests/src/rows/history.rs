//! Weeks of scans at a station, written by the repositories: nobody waits fourteen days for a habit.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Clock, Fen, Foundation, PageRequest, Place,
        id::{AccountId, PersonId, RedemptionId, StationId},
        values::local_time,
    },
    stations::station::Station,
    store::Store,
    tasks::{NewTask, TaskPlace, open},
    vouchers::{
        batches::{batch::Batch, rules::meal::Meal},
        collusion::{
            CollusionPolicy, CollusionService, Finding, SUSPENDED_REDEMPTION, Signal,
            SuspensionQuery, ports::Noticed,
        },
        ports::AcceptOutcome,
        scans::redemption::Payment,
        wallet::voucher::Voucher,
    },
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};

use crate::{
    actors::auditor,
    places::{DISTRICT, district},
    rows::{VoucherRows, new_id},
    servers::database::{Kind, TestDatabase},
};

pub struct ScanHistory {
    pub rows: VoucherRows,
    pub batch: Batch,
    _database: TestDatabase,
}

/// One scan of those weeks.
pub struct PastScan {
    pub staff: AccountId,
    pub person: PersonId,
    pub station: StationId,
    pub at: DateTime<Utc>,
    /// Later than `at` where the station had no network.
    pub accepted_at: DateTime<Utc>,
    pub price: Option<i64>,
}

impl ScanHistory {
    pub async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let rows = VoucherRows::new(database.store().await).await;
        let batch = rows
            .running(|new| {
                (new.quota, new.budget_fen, new.per_person_limit) = (1_000, 2_000_000, 40)
            })
            .await;
        Self {
            rows,
            batch,
            _database: database,
        }
    }

    pub fn store(&self) -> Arc<SqlStore> {
        Arc::new(self.rows.store.clone())
    }

    /// `days` ago at this hour.
    pub fn ago(&self, days: i64) -> DateTime<Utc> {
        self.rows.now - TimeDelta::days(days)
    }

    pub fn scan(&self, staff: AccountId, person: PersonId, at: DateTime<Utc>) -> PastScan {
        PastScan {
            staff,
            person,
            station: self.rows.station,
            at,
            accepted_at: at,
            price: None,
        }
    }

    pub async fn add(&self, scan: PastScan) -> RedemptionId {
        let voucher = self.rows.issued(&self.batch, scan.person).await;
        self.add_with(&voucher, scan).await
    }

    pub async fn add_with(&self, voucher: &Voucher, scan: PastScan) -> RedemptionId {
        let mut new = self
            .rows
            .redemption(voucher, "午餐", scan.at.timestamp() / 30, 1_500);
        let it = &mut new.redemption;
        (it.staff_id, it.station_id, it.scanned_at) = (scan.staff, scan.station, scan.at);
        it.accepted_at = scan.accepted_at;
        it.payment = Payment::of(voucher.face_value, scan.price.and_then(Fen::new));
        // A day of its own for each meal of a person; the hour within it is of no account here.
        it.meal = Meal {
            day: local_time::date_of(scan.at),
            window: format!("午餐{}", scan.at.timestamp() % 86_400),
        };
        let id = it.id;
        let mut tx = self.rows.store.begin().await.unwrap();
        assert_eq!(
            tx.redemptions().accept(&[new]).await.unwrap(),
            [AcceptOutcome::Accepted]
        );
        tx.commit().await.unwrap();
        id
    }

    /// Another station, on the same meridian.
    pub async fn station(&self, lat: f64) -> StationId {
        let mut tx = self.rows.store.begin().await.unwrap();
        let near = tx
            .stations()
            .find(self.rows.station)
            .await
            .unwrap()
            .unwrap();
        let place = Place::new(near.place.lng(), lat).unwrap();
        let far = Station {
            id: new_id(),
            name: format!("远处驿站{lat}"),
            place,
            ..near
        };
        assert!(tx.stations().add(&far).await.unwrap());
        tx.commit().await.unwrap();
        far.id
    }

    pub fn watcher(&self) -> CollusionService {
        watching(self.store(), Arc::new(SystemClock))
    }

    /// What is held, in order, with the first signal that spoke.
    pub async fn held(&self) -> Vec<(RedemptionId, Signal)> {
        let everything = PageRequest {
            limit: 100,
            after: None,
        };
        let holds = self
            .watcher()
            .suspensions(&auditor(), SuspensionQuery::default(), everything)
            .await
            .unwrap();
        let mut held: Vec<_> = holds
            .items
            .into_iter()
            .map(|it| (it.suspension.redemption.id, it.notices[0].signal))
            .collect();
        held.sort_by_key(|(id, _)| *id);
        held
    }
}

/// Suspends what was found, with a task for each redemption, as the jobs do. Returns how many signals
/// are new.
pub async fn suspend(store: &SqlStore, findings: &[Finding], now: DateTime<Utc>) -> usize {
    let mut tx = store.begin().await.unwrap();
    let due_at = now + TimeDelta::days(3);
    let noticed = tx
        .suspensions()
        .suspend(findings, now, due_at)
        .await
        .unwrap();
    let place = TaskPlace {
        district: district(DISTRICT),
        union_id: None,
        name: "演示驿站".to_owned(),
    };
    let task =
        |one: &Noticed| NewTask::new(SUSPENDED_REDEMPTION, one.scan.redemption_id, place.clone());
    let tasks = noticed
        .iter()
        .filter(|one| !one.was_held)
        .map(task)
        .collect();
    open::open(&mut *tx, &SystemRandom, tasks, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    noticed.len()
}

/// What a decision about a suspension has to name, as it is now.
pub async fn revision_of(service: &CollusionService, id: RedemptionId) -> i64 {
    let shown = service.under_review(&[id.to_string()]).await.unwrap();
    shown.first().map_or(0, |shown| shown.revision)
}

/// Looks for collusion as the union starts with it.
pub fn watching(store: Arc<SqlStore>, clock: Arc<dyn Clock>) -> CollusionService {
    CollusionService {
        foundation: Foundation {
            store,
            clock,
            random: Arc::new(SystemRandom),
        },
        policy: CollusionPolicy::default(),
    }
}
