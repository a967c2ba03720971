//! Settlements of the town's station: what was redeemed there, and the sheets that pay it.

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::{
    kernel::{
        Clock,
        id::{RedemptionId, SettlementId, VoucherBatchId},
        values::local_time,
    },
    settlements::{
        NewSettlement, Settlement, SettlementError, SettlementService, sheets::line::Line,
    },
    store::Store,
    vouchers::{DecisionInput, ScanRequest, collusion::CollusionPolicy},
};

use super::{ScanExt, Town, services};
use crate::servers::database::Kind;

/// A town with a batch that feeds everybody.
pub struct SettlingTown {
    pub town: Town,
    pub batch: VoucherBatchId,
}

impl SettlingTown {
    /// At noon, with nothing redeemed yet.
    pub async fn at_noon(kind: Kind) -> Self {
        let town = Town::at_noon(kind).await;
        let batch = town.running(town.new_batch()).await;
        Self { town, batch }
    }

    /// The first process, with other ideas about collusion.
    pub fn with_policy(&self, policy: CollusionPolicy) -> SettlementService {
        services::settlements(&self.town.foundation(), policy)
    }

    pub fn today(&self) -> NaiveDate {
        local_time::date_of(self.town.clock.now())
    }

    /// Noon of the next day.
    pub fn next_day(&self) {
        self.town.clock.advance(TimeDelta::days(1));
    }

    /// Somebody new has a meal of this price.
    pub async fn redeemed(&self, price_fen: i64) -> RedemptionId {
        let town = &self.town;
        let (worker, voucher) = town.holder(self.batch).await;
        town.clock.advance(TimeDelta::seconds(30));
        let scan = ScanRequest {
            price_fen: Some(price_fen),
            ..town.scan_of(town.payload(&worker, voucher).await)
        };
        town.scan(scan).await.accepted().redemption_id
    }

    /// Opens a sheet; both days are included.
    pub async fn sheet(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Settlement, SettlementError> {
        let new = NewSettlement {
            station_id: self.town.station.id,
            from,
            to,
        };
        let settlements = &self.town.services.settlements;
        settlements.open(&self.town.maker, new).await
    }

    /// A sheet of yesterday, frozen.
    pub async fn frozen(&self) -> Settlement {
        let yesterday = self.today() - TimeDelta::days(1);
        let open = self.sheet(yesterday, yesterday).await.unwrap();
        let settlements = &self.town.services.settlements;
        let frozen = settlements.freeze(&self.town.maker, open.id);
        frozen.await.unwrap()
    }

    /// Confirmed by the merchant and approved.
    pub async fn approve(&self, id: SettlementId) -> Settlement {
        let (town, settlements) = (&self.town, &self.town.services.settlements);
        let confirmed = settlements.confirm(&town.staff, id, None);
        confirmed.await.unwrap();
        let approved = settlements.decide(&town.checker, id, DecisionInput::Approve);
        approved.await.unwrap()
    }

    pub async fn lines(&self, id: SettlementId) -> Vec<Line> {
        let mut tx = self.town.store.read().await.unwrap();
        tx.settlements().lines(id, 0, 1_000).await.unwrap()
    }
}
