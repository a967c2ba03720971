//! What cadres decide, and the sheets.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::values::local_time,
    settlements::{NewSettlement, SettlementError},
    vouchers::{
        batches::batch::Switch,
        collusion::{Finding, Signal, SuspensionDecision, SuspensionDecisionInput},
        recall::Whom,
    },
};
use niangjia_tests::rows::{revision_of, suspend};

use super::World;
use crate::said::Said;

impl World {
    pub(super) async fn hold(&self, redemption: usize, pair: bool) -> Said {
        let Some(id) = self.redemption(redemption) else {
            return Said::Nothing;
        };
        let signal = if pair {
            Signal::SamePair
        } else {
            Signal::Burst
        };
        let finding = Finding {
            signal,
            redemption_id: id,
            evidence: serde_json::json!({}),
        };
        let held = suspend(&self.town.store, &[finding], self.now()).await;
        Said::Held(held > 0)
    }

    pub(super) async fn decide(&self, redemption: usize, reject: bool) -> Said {
        let Some(id) = self.redemption(redemption) else {
            return Said::Nothing;
        };
        let (decision, said) = if reject {
            (SuspensionDecision::Reject, Said::Rejected)
        } else {
            (SuspensionDecision::Lift, Said::Released)
        };
        let input = SuspensionDecisionInput {
            decision,
            reason: "已核对".to_owned(),
        };
        let revision = revision_of(&self.collusion, id).await;
        let done = self
            .collusion
            .decide(&self.town.checker, id, input, revision)
            .await;
        done.map_or_else(Said::of, |_| said)
    }

    pub(super) async fn switch(&self, batch: usize, pause: bool) -> Said {
        let switch = if pause { Switch::Pause } else { Switch::Resume };
        let done = self.processes[0]
            .batches
            .switch(&self.town.maker, self.batches[batch].0, switch)
            .await;
        done.map_or_else(Said::of, |_| Said::Switched)
    }

    pub(super) async fn recall(&self, account: usize, batch: usize) -> Said {
        let whom = Whom::Person(self.accounts[account].person_id.unwrap());
        let done = self
            .town
            .services
            .recalls
            .order(&self.town.maker, self.batches[batch].0, whom, "发放有误")
            .await;
        done.map_or_else(Said::of, |recall| Said::Recalled(recall.recalled))
    }

    pub(super) async fn settle(&self) -> Said {
        let yesterday = local_time::date_of(self.now()) - TimeDelta::days(1);
        let new = NewSettlement {
            station_id: self.town.station.id,
            from: yesterday,
            to: yesterday,
        };
        let open = match self.settlements.open(&self.town.maker, new).await {
            Ok(open) => open.id,
            Err(SettlementError::PeriodTaken) => return Said::PeriodTaken,
            Err(other) => panic!("nobody expected {other:?}"),
        };
        let said = match self.settlements.freeze(&self.town.maker, open).await {
            Ok(frozen) => {
                return Said::Settled(frozen.sheet().map_or(0, |sheet| sheet.totals.lines()));
            }
            Err(SettlementError::NothingToSettle) => Said::NothingToSettle,
            Err(SettlementError::AnnulmentOpen { .. }) => Said::AnnulmentOpen,
            Err(SettlementError::Unsynced(_)) => Said::Unsynced,
            Err(SettlementError::Disputed(_)) => Said::Undecided,
            Err(other) => panic!("nobody expected {other:?}"),
        };
        self.settlements
            .cancel(&self.town.maker, open, "先不结算")
            .await
            .unwrap();
        said
    }
}
