//! From figures to findings: asks for the figures of one signal, lets its rule judge each, and
//! names the redemptions.

use serde_json::Value;

use super::{CollusionService, Finding, Signal, Window, burst::Burst};
use crate::{
    kernel::id::RedemptionId,
    store::{StoreError, Tx},
};

impl CollusionService {
    pub(super) async fn findings(
        &self,
        tx: &mut dyn Tx,
        signal: Signal,
        window: Window,
    ) -> Result<Vec<Finding>, StoreError> {
        match signal {
            Signal::SamePair => self.same_pairs(tx, window).await,
            Signal::Burst => self.bursts(tx, window).await,
            Signal::ImpossibleTravel => self.journeys(tx, window).await,
            Signal::PriceIsFaceValue => self.prices(tx, window).await,
        }
    }

    async fn same_pairs(
        &self,
        tx: &mut dyn Tx,
        window: Window,
    ) -> Result<Vec<Finding>, StoreError> {
        let cleared_since = self.foundation.now() - self.policy.cleared_for;
        let mut findings = Vec::new();
        for habit in tx
            .signals()
            .pair_habits(window, self.policy.pair_meals)
            .await?
        {
            if habit.is_suspicious(&self.policy) {
                let payable = tx
                    .signals()
                    .payable_of_pair(&habit, window, cleared_since)
                    .await?;
                findings.extend(each(Signal::SamePair, payable, &habit.evidence()));
            }
        }
        Ok(findings)
    }

    async fn prices(&self, tx: &mut dyn Tx, window: Window) -> Result<Vec<Finding>, StoreError> {
        let cleared_since = self.foundation.now() - self.policy.cleared_for;
        let mut findings = Vec::new();
        for habit in tx
            .signals()
            .price_habits(window, self.policy.price_typed)
            .await?
        {
            if habit.is_suspicious(&self.policy) {
                let payable = tx
                    .signals()
                    .payable_at_face(&habit, window, cleared_since)
                    .await?;
                findings.extend(each(Signal::PriceIsFaceValue, payable, &habit.evidence()));
            }
        }
        Ok(findings)
    }

    async fn bursts(&self, tx: &mut dyn Tx, window: Window) -> Result<Vec<Finding>, StoreError> {
        let bursts = tx
            .signals()
            .bursts(window, self.policy.burst_scans, self.policy.burst_within)
            .await?;
        let suspicious = bursts
            .into_iter()
            .filter(|burst| burst.is_suspicious(&self.policy));
        let finding = |burst: Burst| Finding {
            signal: Signal::Burst,
            redemption_id: burst.redemption_id,
            evidence: burst.evidence(),
        };
        Ok(suspicious.map(finding).collect())
    }

    /// Either end may be the false one, so both are held.
    async fn journeys(&self, tx: &mut dyn Tx, window: Window) -> Result<Vec<Finding>, StoreError> {
        let journeys = tx
            .signals()
            .journeys(window, self.policy.travel_within)
            .await?;
        let suspicious = journeys
            .into_iter()
            .filter(|journey| journey.is_suspicious(&self.policy));
        let ends = suspicious.flat_map(|journey| {
            [journey.from, journey.to].map(|stop| Finding {
                signal: Signal::ImpossibleTravel,
                redemption_id: stop.redemption_id,
                evidence: journey.evidence(),
            })
        });
        Ok(ends.collect())
    }
}

/// A habit speaks about each of its redemptions with the same evidence.
fn each(signal: Signal, of: Vec<RedemptionId>, evidence: &Value) -> impl Iterator<Item = Finding> {
    of.into_iter().map(move |redemption_id| Finding {
        signal,
        redemption_id,
        evidence: evidence.clone(),
    })
}
