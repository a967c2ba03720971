//! A small world for meal vouchers: members, staff and cadres around one station, and a clock that
//! stands at noon.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Actor, Answer, Bearer, Clock, DistrictCode, Fen, Foundation, GroupLimits, Id,
        IdempotentRequest, Place,
        id::{self, AccountId, PersonId, RedemptionId, StationId, VoucherBatchId, VoucherId},
        values::local_time,
    },
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
    store::Store,
    vouchers::{
        AcceptedScan, DecisionInput, ScanAnswer, ScanRequest, VoucherError, VoucherServices,
        VoucherView,
        batches::{
            batch::{Batch, BatchState, Officer},
            rules::{Distribution, NewBatch, NewMeal, meal::Meal},
        },
        codes::code::CodeStep,
        ports::IssueOutcome,
        reconciliation::conservation::BatchSums,
        scans::{
            redemption::{NewRedemption, Payment, Redemption, RedemptionState},
            refusal::Refusal,
        },
        wallet::voucher::Voucher,
    },
};
use niangjia_infra::{
    background::TokioBackground,
    cache::MemoryRateLimiter,
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};

use crate::{
    database::{Kind, TestDatabase},
    wish_scene::{DISTRICT, Scene, once},
};

/// The world with its rules running: batches by maker and checker, claims and scans by the real use
/// cases.
pub struct Canteen {
    pub scene: Scene,
    /// The first process.
    pub vouchers: VoucherServices,
    pub maker: Actor,
    pub checker: Actor,
    pub staff: Actor,
}

impl Canteen {
    /// At noon tomorrow.
    pub async fn open(kind: Kind) -> Self {
        Self::on(TestDatabase::new(kind).await).await
    }

    pub async fn on(database: TestDatabase) -> Self {
        let scene = Scene::on(database).await;
        let now = scene.clock.now();
        let noon =
            local_time::instant_of(local_time::date_of(now) + TimeDelta::days(1), time("12:00"));
        scene.clock.advance(noon - now);
        let vouchers = service(&scene, scene.store.clone());
        let (maker, checker, staff) = (
            scene.cadre(DISTRICT),
            scene.cadre(DISTRICT),
            scene.staff().await,
        );
        Self {
            scene,
            vouchers,
            maker,
            checker,
            staff,
        }
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> VoucherServices {
        self.process_on(self.scene.database.store().await)
    }

    /// Another process over a store of the test's own.
    pub fn process_on(&self, store: SqlStore) -> VoucherServices {
        service(&self.scene, Arc::new(store))
    }

    pub fn new_batch(&self) -> NewBatch {
        new_batch(self.scene.station.id, self.scene.clock.now())
    }

    /// Drafted, submitted, approved.
    pub async fn running(&self, new: NewBatch) -> VoucherBatchId {
        let id = self
            .vouchers
            .batches
            .draft(&self.maker, new)
            .await
            .unwrap()
            .batch
            .id;
        self.vouchers.batches.submit(&self.maker, id).await.unwrap();
        self.vouchers
            .batches
            .decide(&self.checker, id, DecisionInput::Approve)
            .await
            .unwrap();
        id
    }

    pub async fn claim(
        &self,
        worker: &Actor,
        batch: VoucherBatchId,
    ) -> Result<VoucherView, VoucherError> {
        Ok(self
            .vouchers
            .claims
            .claim(bearer(worker), once(worker), batch)
            .await?
            .value)
    }

    /// A new member with one voucher of the batch.
    pub async fn holder(&self, batch: VoucherBatchId) -> (Actor, VoucherId) {
        let worker = self.scene.worker().await;
        let voucher = self.claim(&worker, batch).await.unwrap().voucher.id;
        (worker, voucher)
    }

    pub async fn payload(&self, worker: &Actor, voucher: VoucherId) -> String {
        self.vouchers
            .codes
            .show_code(worker, voucher)
            .await
            .unwrap()
            .payload
    }

    pub fn scan_of(&self, code: impl Into<String>) -> ScanRequest {
        ScanRequest {
            code: code.into(),
            station_id: self.scene.station.id,
            device_id: "scanner-1".to_owned(),
            scanned_at: None,
            price_fen: None,
        }
    }

    /// Scans with a new scan id.
    pub async fn scan(&self, scan: ScanRequest) -> ScanAnswer {
        self.scan_again(&once(&self.staff), scan).await.value
    }

    pub async fn scan_again(
        &self,
        id: &IdempotentRequest,
        scan: ScanRequest,
    ) -> Answer<ScanAnswer> {
        self.vouchers
            .scans
            .redeem(self.scene.sign_in(&self.staff).await, id.clone(), scan)
            .await
            .unwrap()
    }

    /// The holder shows a fresh code and it is scanned.
    pub async fn eat(&self, worker: &Actor, voucher: VoucherId) -> ScanAnswer {
        // A later step, because the present one may be used.
        self.scene.clock.advance(TimeDelta::seconds(30));
        let code = self.payload(worker, voucher).await;
        self.scan(self.scan_of(code)).await
    }

    /// Ten people show their phones within nine seconds, and the staff member types the face value
    /// each time.
    pub async fn burst(&self, batch: VoucherBatchId) -> Vec<RedemptionId> {
        let mut codes = Vec::new();
        for _ in 0..10 {
            let (worker, voucher) = self.holder(batch).await;
            codes.push(self.payload(&worker, voucher).await);
        }
        let mut ids = Vec::new();
        for code in codes {
            let scan = ScanRequest {
                price_fen: Some(1_500),
                ..self.scan_of(code)
            };
            ids.push(self.scan(scan).await.accepted().redemption_id);
            self.scene.clock.advance(TimeDelta::seconds(1));
        }
        ids
    }

    pub async fn tally(&self, batch: VoucherBatchId) -> BatchSums {
        self.vouchers
            .batches
            .conservation(&self.checker, batch)
            .await
            .unwrap()
    }

    /// The tally, after checking that it balances.
    pub async fn balanced(&self, batch: VoucherBatchId) -> BatchSums {
        let tally = self.tally(batch).await;
        assert!(tally.is_balanced(), "{:?}", tally.equations());
        tally
    }
}

/// Somebody with a genuine token.
pub fn bearer(actor: &Actor) -> Bearer {
    Bearer {
        account_id: actor.account_id,
        session_id: actor.session_id,
        request_id: actor.request_id.clone(),
    }
}

fn service(scene: &Scene, store: Arc<SqlStore>) -> VoucherServices {
    VoucherServices::new(
        Foundation {
            store,
            clock: scene.clock.clone(),
            random: Arc::new(SystemRandom),
        },
        Arc::new(MemoryRateLimiter::default()),
        Arc::new(TokioBackground::here()),
        GroupLimits::default(),
    )
}

/// 100 vouchers of ¥15, two a person, at any hour.
pub fn new_batch(station: StationId, now: DateTime<Utc>) -> NewBatch {
    NewBatch {
        name: "演示爱心餐".to_owned(),
        district: DistrictCode::parse(DISTRICT).unwrap(),
        face_value_fen: 1_500,
        quota: 100,
        daily_quota: None,
        budget_fen: 150_000,
        per_person_limit: 2,
        meals: vec![meal("全天", "00:00", "24:00")],
        valid_from: now - TimeDelta::hours(1),
        valid_to: now + TimeDelta::days(30),
        claims_from: None,
        station_ids: vec![station],
        standings: vec![],
        occupations: vec![],
        districts: vec![],
        distribution: Distribution::FirstCome,
        draw_at: None,
    }
}

pub fn meal(name: &str, from: &str, to: &str) -> NewMeal {
    NewMeal {
        name: name.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

impl ScanExt for ScanAnswer {
    fn accepted(self) -> AcceptedScan {
        match self {
            Self::Accepted { scan, .. } => scan,
            Self::Refused { reason, .. } => panic!("refused: {reason:?}"),
        }
    }

    fn refused(self) -> Refusal {
        match self {
            Self::Refused { reason, .. } => reason,
            Self::Accepted { .. } => panic!("accepted"),
        }
    }
}

/// Shorthands for what a test expects.
pub trait ScanExt {
    fn accepted(self) -> AcceptedScan;
    fn refused(self) -> Refusal;
}

/// Rows without people behind them, for the repositories alone.
pub struct Till {
    pub store: SqlStore,
    pub station: StationId,
    pub now: DateTime<Utc>,
}

impl Till {
    /// On a database with one station.
    pub async fn new(store: SqlStore) -> Self {
        let now = SystemClock.now();
        let station = Station {
            id: Id::generate(now, &SystemRandom),
            name: format!("演示驿站{}", crate::people::token()),
            district: DistrictCode::parse(DISTRICT).unwrap(),
            address: "演示路 1 号".to_owned(),
            place: Place::new(116.59, 35.41).unwrap(),
            hours: OpeningHours::daily(Opening::ALL_DAY),
            amenities: vec![],
        };
        let mut tx = store.begin().await.unwrap();
        tx.stations().add(&station).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            store,
            station: station.id,
            now,
        }
    }

    /// A stored, running batch.
    pub async fn running(&self, change: impl FnOnce(&mut NewBatch)) -> Batch {
        let draft = self.draft(change);
        let running = Batch {
            state: BatchState::Running {
                approved_by: new_id(),
            },
            ..draft.clone()
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.voucher_batches().add(&draft).await.unwrap();
        assert!(tx.voucher_batches().save(&draft, &running).await.unwrap());
        tx.commit().await.unwrap();
        running
    }

    /// Not stored yet.
    pub fn draft(&self, change: impl FnOnce(&mut NewBatch)) -> Batch {
        let mut new = new_batch(self.station, self.now);
        change(&mut new);
        let district = new.district;
        let (name, rules) = new.checked(self.now).unwrap();
        let drafted_by = Officer {
            account_id: new_id(),
            person_id: None,
        };
        let state = BatchState::Draft { returned: None };
        Batch {
            id: new_id(),
            name,
            district,
            rules,
            drafted_by,
            created_at: self.now,
            state,
        }
    }

    pub fn voucher(&self, batch: &Batch, person: PersonId) -> Voucher {
        Voucher::issue(new_id(), batch, person, account(), self.now)
    }

    pub async fn issued(&self, batch: &Batch, person: PersonId) -> Voucher {
        let voucher = self.voucher(batch, person);
        let mut tx = self.store.begin().await.unwrap();
        let day = local_time::date_of(self.now);
        let outcomes = tx
            .vouchers()
            .issue(batch, day, std::slice::from_ref(&voucher))
            .await
            .unwrap();
        assert_eq!(outcomes, [IssueOutcome::Issued]);
        tx.commit().await.unwrap();
        voucher
    }

    /// A scan on its way in: of this meal, at this step.
    pub fn redemption(
        &self,
        voucher: &Voucher,
        window: &str,
        step: i64,
        price_fen: i64,
    ) -> NewRedemption {
        let redemption = Redemption {
            id: new_id(),
            voucher_id: voucher.id,
            batch_id: voucher.batch_id,
            person_id: voucher.person_id,
            station_id: self.station,
            staff_id: account(),
            device_id: "scanner-1".to_owned(),
            scan_id: crate::people::token(),
            meal: Meal {
                day: local_time::date_of(self.now),
                window: window.to_owned(),
            },
            payment: Payment::of(voucher.face_value, Fen::new(price_fen)),
            scanned_at: self.now,
            accepted_at: self.now,
            state: RedemptionState::Accepted,
        };
        let code = CodeStep {
            voucher_id: voucher.id,
            device_no: 1,
            step,
        };
        NewRedemption {
            redemption,
            code,
            face_value: voucher.face_value,
        }
    }

    pub async fn tally(&self, batch: &Batch) -> BatchSums {
        let mut tx = self.store.read().await.unwrap();
        let tally = tx
            .voucher_batches()
            .tally(batch.id, self.now)
            .await
            .unwrap()
            .unwrap();
        assert!(tally.is_balanced(), "{:?}", tally.equations());
        tally
    }
}

/// An id of nothing that is stored.
pub fn new_id<K: id::Kind>() -> Id<K> {
    Id::generate(SystemClock.now(), &SystemRandom)
}

/// Somebody new.
pub fn person() -> PersonId {
    new_id()
}

/// An account of nobody.
pub fn account() -> AccountId {
    new_id()
}
