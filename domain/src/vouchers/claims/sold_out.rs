//! What can be said to a claim without asking the database: that its batch does not issue yet, and,
//! for a second after a group has seen it, that there is nothing left.
//!
//! Who holds a voucher of the batch always goes to the database: it may be a claim that won and
//! lost its answer, and that answer is still to be given. More than [`MOST_HOLDERS`] are not
//! remembered; then everybody goes.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    kernel::{
        id::{AccountId, BudgetId, VoucherBatchId},
        values::local_time,
    },
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        batches::public::{PublicBatches, opens_later},
        ports::IssueOutcome,
    },
};

/// How long "nothing left" is believed. What makes room elsewhere (more quota, an expiry, a recall)
/// shows by then.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(1_000);
/// From here on one claim goes ahead to see whether it is still so.
const PROBED: TimeDelta = TimeDelta::milliseconds(800);
/// How long holders are kept to be believed in again.
const KEPT: TimeDelta = TimeDelta::seconds(60);
/// Of all batches together: 16 bytes each.
const MOST_HOLDERS: usize = 200_000;

#[derive(Debug, Default)]
pub(crate) struct SoldOutBatches(Mutex<HashMap<VoucherBatchId, SoldOut>>);

/// A batch of which nothing was left.
#[derive(Debug)]
pub(crate) struct SoldOut {
    outcome: IssueOutcome,
    seen_at: DateTime<Utc>,
    /// The batch's count when `holders` were read; they are all as long as it stands.
    issued: i64,
    /// In order.
    holders: Arc<[AccountId]>,
    is_probed: AtomicBool,
}

impl SoldOut {
    /// Why this claim gets nothing; `None`: ask the database.
    fn refusal(&self, account: AccountId, now: DateTime<Utc>) -> Option<VoucherError> {
        let age = now - self.seen_at;
        let is_believed = (TimeDelta::zero()..BELIEVED).contains(&age);
        if !is_believed || self.holders.binary_search(&account).is_ok() {
            return None;
        }
        if age >= PROBED && !self.is_probed.swap(true, Ordering::Relaxed) {
            return None;
        }
        let same_day = local_time::date_of(now) == local_time::date_of(self.seen_at);
        match self.outcome {
            IssueOutcome::Exhausted => Some(VoucherError::BatchExhausted),
            IssueOutcome::ExhaustedToday if same_day => Some(VoucherError::DailyQuotaExhausted),
            IssueOutcome::ExhaustedToday
            | IssueOutcome::Issued
            | IssueOutcome::Shut
            | IssueOutcome::PersonLimit => None,
        }
    }
}

impl SoldOutBatches {
    /// Why this claim is not worth a place in a group, if it is not.
    pub(crate) fn refusal(
        &self,
        shelf: &PublicBatches,
        account: AccountId,
        batch: VoucherBatchId,
        now: DateTime<Utc>,
    ) -> Option<VoucherError> {
        let closed = shelf
            .peek(batch)
            .and_then(|shelved| opens_later(&shelved.batch, now));
        closed.or_else(|| self.sold_out().get(&batch)?.refusal(account, now))
    }

    /// What to remember of the batches that this group found empty, to be told to
    /// [`Self::remember`] after the commit.
    pub(crate) async fn look_closer(
        &self,
        tx: &mut dyn Tx,
        empty: HashMap<VoucherBatchId, IssueOutcome>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(VoucherBatchId, SoldOut)>, StoreError> {
        if empty.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = empty.keys().copied().map(BudgetId::from).collect();
        let mut seen = Vec::new();
        for budget in tx.ledger().budgets(&ids).await? {
            let batch = VoucherBatchId::from(budget.id);
            let Some(outcome) = empty.get(&batch) else {
                continue;
            };
            let Some(holders) = self.holders(tx, batch, budget.issued).await? else {
                continue;
            };
            let is_probed = AtomicBool::new(false);
            let sold_out = SoldOut {
                outcome: *outcome,
                seen_at: now,
                issued: budget.issued,
                holders,
                is_probed,
            };
            seen.push((batch, sold_out));
        }
        Ok(seen)
    }

    pub(crate) fn remember(&self, seen: Vec<(VoucherBatchId, SoldOut)>, now: DateTime<Utc>) {
        let mut sold_out = self.sold_out();
        for (batch, one) in seen {
            sold_out.retain(|_, kept| (TimeDelta::zero()..KEPT).contains(&(now - kept.seen_at)));
            let kept: usize = sold_out.values().map(|kept| kept.holders.len()).sum();
            if kept + one.holders.len() > MOST_HOLDERS {
                sold_out.clear();
            }
            sold_out.insert(batch, one);
        }
    }

    /// There may be something left again.
    pub(crate) fn forget(&self, batch: VoucherBatchId) {
        self.sold_out().remove(&batch);
    }

    /// Everybody who holds a voucher of the batch, in order; `None` when they are too many to
    /// remember.
    async fn holders(
        &self,
        tx: &mut dyn Tx,
        batch: VoucherBatchId,
        issued: i64,
    ) -> Result<Option<Arc<[AccountId]>>, StoreError> {
        let known = self
            .sold_out()
            .get(&batch)
            .filter(|kept| kept.issued == issued)
            .map(|kept| kept.holders.clone());
        if known.is_some() || usize::try_from(issued).is_ok_and(|issued| issued > MOST_HOLDERS) {
            return Ok(known);
        }
        let mut holders = tx.vouchers().holders(batch).await?;
        holders.sort_unstable();
        Ok(Some(holders.into()))
    }

    fn sold_out(&self) -> MutexGuard<'_, HashMap<VoucherBatchId, SoldOut>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::{NOW, officer};

    fn seen(outcome: IssueOutcome, holders: usize) -> SoldOut {
        let holders = (0..holders as u128)
            .map(|n| officer(n).account_id)
            .collect();
        SoldOut {
            outcome,
            seen_at: NOW,
            issued: 1,
            holders,
            is_probed: AtomicBool::new(false),
        }
    }

    fn batch(n: u128) -> VoucherBatchId {
        VoucherBatchId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn is_refused(gate: &SoldOutBatches, account: u128, millis: i64) -> bool {
        let now = NOW + TimeDelta::milliseconds(millis);
        gate.refusal(
            &PublicBatches::default(),
            officer(account).account_id,
            batch(1),
            now,
        )
        .is_some()
    }

    fn gate(outcome: IssueOutcome) -> SoldOutBatches {
        let gate = SoldOutBatches::default();
        gate.remember(vec![(batch(1), seen(outcome, 3))], NOW);
        gate
    }

    #[test]
    fn holders_always_go_to_the_database_and_others_do_not_for_a_second() {
        let gate = gate(IssueOutcome::Exhausted);
        assert!((0..3).all(|holder| !is_refused(&gate, holder, 0)));
        assert!(is_refused(&gate, 9, 0) && is_refused(&gate, 9, 799));
        assert!(!is_refused(&gate, 9, 1_000));
        assert!(
            !is_refused(&gate, 9, -1),
            "a clock that went back proves nothing"
        );
    }

    #[test]
    fn one_claim_goes_ahead_before_the_second_is_over() {
        let gate = gate(IssueOutcome::Exhausted);
        assert!(!is_refused(&gate, 9, 800), "the probe");
        assert!(
            is_refused(&gate, 9, 801) && is_refused(&gate, 8, 999),
            "the others wait for what it finds"
        );
        assert!(!is_refused(&gate, 8, 1_000));
    }

    #[rstest]
    #[case(IssueOutcome::ExhaustedToday, true)]
    #[case(IssueOutcome::Shut, false)]
    #[case(IssueOutcome::PersonLimit, false)]
    fn what_holds_for_everybody_is_remembered(
        #[case] outcome: IssueOutcome,
        #[case] refused: bool,
    ) {
        assert_eq!(is_refused(&gate(outcome), 9, 10), refused);
    }

    #[test]
    fn a_day_without_vouchers_ends_at_midnight() {
        let gate = SoldOutBatches::default();
        let midnight = local_time::start_of(local_time::date_of(NOW) + TimeDelta::days(1));
        let late = SoldOut {
            seen_at: midnight - TimeDelta::milliseconds(10),
            ..seen(IssueOutcome::ExhaustedToday, 0)
        };
        gate.remember(vec![(batch(1), late)], midnight);
        let at = |instant| {
            gate.refusal(
                &PublicBatches::default(),
                officer(9).account_id,
                batch(1),
                instant,
            )
            .is_some()
        };
        assert!(at(midnight - TimeDelta::milliseconds(1)) && !at(midnight));
    }

    #[test]
    fn what_a_cadre_changes_here_shows_at_once() {
        let gate = gate(IssueOutcome::Exhausted);
        gate.forget(batch(1));
        assert!(!is_refused(&gate, 9, 10));
    }

    #[test]
    fn memory_is_bounded() {
        let gate = SoldOutBatches::default();
        for n in 0..10 {
            gate.remember(
                vec![(batch(n), seen(IssueOutcome::Exhausted, MOST_HOLDERS / 3))],
                NOW,
            );
            let kept: usize = gate
                .sold_out()
                .values()
                .map(|kept| kept.holders.len())
                .sum();
            assert!(kept <= MOST_HOLDERS && gate.sold_out().contains_key(&batch(n)));
        }
        gate.remember(
            vec![(batch(99), seen(IssueOutcome::Exhausted, 0))],
            NOW + KEPT,
        );
        assert_eq!(
            gate.sold_out().len(),
            1,
            "what nobody asks for any more is dropped"
        );
    }
}
