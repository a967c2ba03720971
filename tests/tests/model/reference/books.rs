//! What is over, what is paid, and the sums.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{ANNULMENT, Recall, Redemption, Reference, SKEW, Use, Voucher, yesterday};
use crate::said::Said;

impl Reference {
    /// Meals that are taken, and redemptions that stand.
    pub fn eaten(&self) -> (i64, i64) {
        (
            self.meals.len() as i64,
            self.redemptions.iter().filter(|it| !it.annulled).count() as i64,
        )
    }

    pub fn issued(&self, batch: usize) -> i64 {
        self.vouchers.iter().filter(|it| it.batch == batch).count() as i64
    }

    pub(super) fn sweep(&mut self, now: DateTime<Utc>) {
        for index in 0..self.recalls.len() {
            let Recall {
                batch,
                person,
                ordered_at,
                finished,
            } = self.recalls[index];
            if !finished {
                let meant = self.meant(batch, person, ordered_at, now);
                self.recalls[index].finished = meant.is_empty() && now - ordered_at > ANNULMENT;
                self.recall(meant);
            }
        }
        for voucher in self.void(now) {
            self.vouchers[voucher].state = Use::Expired;
            let batch = &mut self.batches[self.vouchers[voucher].batch];
            batch.reserved -= batch.face;
        }
        for redemption in self.left_over(now) {
            let it = &mut self.redemptions[redemption];
            it.released = true;
            self.batches[self.vouchers[it.voucher].batch].reserved -= it.left_over;
        }
    }

    pub(super) fn payable(&self, last: NaiveDate) -> Vec<usize> {
        let payable = |it: &Redemption| {
            !it.annulled && !it.settled && it.hold != Some(true) && it.meal.1 <= last
        };
        (0..self.redemptions.len())
            .filter(|index| payable(&self.redemptions[*index]))
            .collect()
    }

    pub(super) fn settle(&self, now: DateTime<Utc>) -> Said {
        let day = yesterday(now);
        let payable = self.payable(day);
        match payable
            .iter()
            .map(|index| self.redemptions[*index].at)
            .max()
        {
            _ if self.settled_days.contains(&day) => Said::PeriodTaken,
            _ if self.offline.owes(day) => Said::Unsynced,
            _ if self.offline.is_undecided(day) => Said::Undecided,
            Some(youngest) if youngest + ANNULMENT >= now => Said::AnnulmentOpen,
            _ => match payable.len() as i64 + self.offline.adjustments {
                0 => Said::NothingToSettle,
                lines => Said::Settled(lines),
            },
        }
    }

    pub(super) fn void(&self, now: DateTime<Utc>) -> Vec<usize> {
        let void = |it: &Voucher| {
            it.state == Use::Issued && self.batches[it.batch].valid_to <= now - SKEW * 2
        };
        (0..self.vouchers.len())
            .filter(|index| void(&self.vouchers[*index]))
            .collect()
    }

    pub(super) fn left_over(&self, now: DateTime<Utc>) -> Vec<usize> {
        let due = |it: &Redemption| {
            !it.annulled && !it.released && it.left_over > 0 && it.at < now - ANNULMENT
        };
        (0..self.redemptions.len())
            .filter(|index| due(&self.redemptions[*index]))
            .collect()
    }

    /// By state, as the books count them.
    pub fn states(&self, batch: usize) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for voucher in self.vouchers.iter().filter(|it| it.batch == batch) {
            let word = match voucher.state {
                Use::Issued => "issued",
                Use::Redeemed => "redeemed",
                Use::Expired => "expired",
                Use::Deactivated => "deactivated",
                Use::Recalled => "recalled",
            };
            *counts.entry(word).or_default() += 1;
        }
        counts
    }
}
