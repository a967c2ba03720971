//! Settlements of the canteen's station: who makes, confirms and checks them, and the clock that
//! ends a period.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::{
    kernel::{
        Actor, Clock, Foundation,
        id::{RedemptionId, SettlementId, VoucherBatchId},
        values::local_time,
    },
    settlements::{
        NewSettlement, Settlement, SettlementError, SettlementService, sheets::line::Line,
    },
    store::Store,
    vouchers::{
        DecisionInput,
        collusion::{CollusionPolicy, CollusionService},
    },
};
use niangjia_infra::{sheets::XlsxWriter, sql::SqlStore, system::SystemRandom};
use sea_orm::ConnectionTrait;

use crate::{
    canteen::{Canteen, ScanExt},
    database::Kind,
};

pub struct Cashier {
    pub canteen: Canteen,
    /// The first process.
    pub settlements: SettlementService,
    /// A batch that feeds everybody.
    pub batch: VoucherBatchId,
}

impl Cashier {
    /// At noon, with nothing eaten yet.
    pub async fn open(kind: Kind) -> Self {
        let canteen = Canteen::open(kind).await;
        let settlements = service(
            &canteen,
            canteen.scene.store.clone(),
            CollusionPolicy::default(),
        );
        let batch = canteen.running(canteen.new_batch()).await;
        Self {
            canteen,
            settlements,
            batch,
        }
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> SettlementService {
        let store = Arc::new(self.canteen.scene.database.store().await);
        service(&self.canteen, store, CollusionPolicy::default())
    }

    /// The first process, with other ideas about collusion.
    pub fn with_policy(&self, policy: CollusionPolicy) -> SettlementService {
        service(&self.canteen, self.canteen.scene.store.clone(), policy)
    }

    pub fn maker(&self) -> &Actor {
        &self.canteen.maker
    }

    pub fn checker(&self) -> &Actor {
        &self.canteen.checker
    }

    pub fn staff(&self) -> &Actor {
        &self.canteen.staff
    }

    pub fn today(&self) -> NaiveDate {
        local_time::date_of(self.canteen.scene.clock.now())
    }

    /// Somebody new eats a meal of this price.
    pub async fn eaten(&self, price_fen: i64) -> RedemptionId {
        let (worker, voucher) = self.canteen.holder(self.batch).await;
        self.canteen.scene.clock.advance(TimeDelta::seconds(30));
        let mut scan = self
            .canteen
            .scan_of(self.canteen.payload(&worker, voucher).await);
        scan.price_fen = Some(price_fen);
        self.canteen.scan(scan).await.accepted().redemption_id
    }

    /// Noon of the next day.
    pub fn sleep(&self) {
        self.canteen.scene.clock.advance(TimeDelta::days(1));
    }

    /// Opens a sheet; both days are included.
    pub async fn sheet(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Settlement, SettlementError> {
        let new = NewSettlement {
            station_id: self.canteen.scene.station.id,
            from,
            to,
        };
        self.settlements.open(self.maker(), new).await
    }

    /// A sheet of yesterday, frozen.
    pub async fn frozen(&self) -> Settlement {
        let yesterday = self.today() - TimeDelta::days(1);
        let open = self.sheet(yesterday, yesterday).await.unwrap();
        self.settlements
            .freeze(self.maker(), open.id)
            .await
            .unwrap()
    }

    /// Confirmed by the merchant and approved.
    pub async fn approve(&self, id: SettlementId) -> Settlement {
        self.settlements
            .confirm(self.staff(), id, None)
            .await
            .unwrap();
        self.settlements
            .decide(self.checker(), id, DecisionInput::Approve)
            .await
            .unwrap()
    }

    pub async fn lines(&self, id: SettlementId) -> Vec<Line> {
        self.canteen
            .scene
            .store
            .read()
            .await
            .unwrap()
            .settlements()
            .lines(id, 0, 1_000)
            .await
            .unwrap()
    }

    pub async fn execute(&self, sql: &str) {
        self.canteen
            .scene
            .store
            .writer()
            .execute_unprepared(sql)
            .await
            .unwrap();
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.canteen.scene.count(sql).await
    }
}

fn service(canteen: &Canteen, store: Arc<SqlStore>, policy: CollusionPolicy) -> SettlementService {
    let foundation = Foundation {
        store,
        clock: canteen.scene.clock.clone(),
        random: Arc::new(SystemRandom),
    };
    SettlementService {
        foundation: foundation.clone(),
        sheets: Arc::new(XlsxWriter),
        collusion: CollusionService { foundation, policy },
    }
}
