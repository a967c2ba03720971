//! Collusion signals: what each statement counts, what is held and what is spared, and the
//! reviewer's decision.

mod decisions;
mod reviewers;
mod signals;

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Actor, Clock, Foundation, PageRequest, id::RedemptionId},
    vouchers::{
        ScanRequest, VoucherError,
        collusion::{
            CollusionService, Finding, Signal, SuspensionDecision, SuspensionDecisionInput,
            SuspensionQuery, SuspensionStatus,
        },
        reconciliation::ReconciliationService,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    rows::{ScanHistory, revision_of, suspend, watching},
    servers::database::Kind,
    town::{ScanExt, Town},
};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

/// What is held after looking at everything, in order, with the signals.
async fn held(history: &ScanHistory) -> Vec<(RedemptionId, Signal)> {
    history.watcher().watch_habits().await.unwrap();
    history.watcher().watch_events().await.unwrap();
    history.held().await
}

fn of(signal: Signal, mut ids: Vec<RedemptionId>) -> Vec<(RedemptionId, Signal)> {
    ids.sort_unstable();
    ids.into_iter().map(|id| (id, signal)).collect()
}

/// A town with one redemption that two signals may speak about.
struct Held {
    town: Town,
    collusion: CollusionService,
    batch: niangjia_domain::kernel::id::VoucherBatchId,
    holder: Actor,
    voucher: niangjia_domain::kernel::id::VoucherId,
    redemption: RedemptionId,
}

impl Held {
    async fn new(kind: Kind) -> Self {
        let town = Town::at_noon(kind).await;
        let batch = town.running(town.new_batch()).await;
        let (holder, voucher) = town.holder(batch).await;
        let code = town.payload(&holder, voucher).await;
        let scan = ScanRequest {
            price_fen: Some(1_200),
            ..town.scan_of(code)
        };
        let redemption = town.scan(scan).await.accepted().redemption_id;
        let collusion = watching(town.store.clone(), town.clock.clone());
        let held = Self {
            town,
            collusion,
            batch,
            holder,
            voucher,
            redemption,
        };
        assert_eq!(held.suspension(Signal::Burst).await, 1);
        held
    }

    async fn suspension(&self, signal: Signal) -> usize {
        let now = self.town.clock.now();
        let evidence = serde_json::json!({ "scans": 10 });
        let finding = Finding {
            signal,
            redemption_id: self.redemption,
            evidence,
        };
        suspend(&self.town.store, &[finding], now).await
    }

    async fn decide(
        &self,
        by: &Actor,
        decision: SuspensionDecision,
    ) -> Result<SuspensionStatus, VoucherError> {
        let input = SuspensionDecisionInput {
            decision,
            reason: "已与驿站核对监控".to_owned(),
        };
        let revision = revision_of(&self.collusion, self.redemption).await;
        Ok(self
            .collusion
            .decide(by, self.redemption, input, revision)
            .await?
            .suspension
            .status())
    }

    async fn listed(&self, query: SuspensionQuery) -> usize {
        self.collusion
            .suspensions(&self.town.checker, query, FIRST)
            .await
            .unwrap()
            .items
            .len()
    }

    async fn is_held(&self) -> bool {
        self.town
            .count("SELECT COUNT(*) FROM redemptions WHERE suspended")
            .await
            == 1
    }

    /// The books are right, and say so themselves.
    async fn balanced(&self) {
        self.town.balanced(self.batch).await;
        let (store, clock) = (self.town.store.clone(), self.town.clock.clone());
        let report = ReconciliationService {
            foundation: Foundation {
                store,
                clock,
                random: Arc::new(SystemRandom),
            },
        }
        .check()
        .await
        .unwrap();
        assert_eq!(report.differences, []);
    }
}
