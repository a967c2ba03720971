//! Claims and scans, as the model sees them.

use chrono::{DateTime, Utc};
use niangjia_domain::vouchers::scans::refusal::Refusal;

use super::{EASIEST_FIRST, Redemption, Reference, SKEW, Scan, Use, at, meal, step_of};
use crate::{said::Said, steps::Scanner};

impl Reference {
    /// When both stand in the way, either may be told.
    pub(super) fn claim(&self, person: usize, batch: usize, now: DateTime<Utc>) -> Vec<Said> {
        let it = &self.batches[batch];
        if it.paused || now >= it.valid_to {
            return vec![Said::NotRunning];
        }
        let full = self.issued(batch) >= it.quota || it.reserved + it.spent + it.face > it.budget;
        let had = self
            .vouchers
            .iter()
            .filter(|voucher| voucher.batch == batch && voucher.person == person)
            .count();
        let reasons = [
            (full, Said::Exhausted),
            (had >= it.per_person, Said::PersonLimit),
        ];
        let reasons: Vec<_> = reasons
            .into_iter()
            .filter(|(applies, _)| *applies)
            .map(|(_, said)| said)
            .collect();
        if reasons.is_empty() {
            vec![Said::Issued]
        } else {
            reasons
        }
    }

    pub(super) fn scan(
        &self,
        voucher: usize,
        step: i64,
        scanner: Scanner,
        now: DateTime<Utc>,
    ) -> Said {
        let at = at(scanner, now);
        if (at - now).abs() > SKEW {
            return Said::Refused(Refusal::ClockSkew);
        }
        match self.judge(voucher, step, at) {
            Some(refusal) => Said::Refused(refusal),
            None => {
                let (amount, copay) = self.payment(voucher, scanner.price_fen);
                Said::Accepted { amount, copay }
            }
        }
    }

    /// What stands in the way of a scan as of then.
    pub(super) fn judge(&self, voucher: usize, step: i64, at: DateTime<Utc>) -> Option<Refusal> {
        let it = &self.vouchers[voucher];
        let batch = &self.batches[it.batch];
        let age = step_of(at) - step;
        let applies = |refusal: &Refusal| match refusal {
            Refusal::ClockSkew => age < -1,
            Refusal::CodeExpired => age > 1,
            Refusal::CodeReplayed => age.abs() <= 1 && self.used.contains(&(voucher, step)),
            Refusal::AlreadyRedeemed => it.state == Use::Redeemed,
            Refusal::PersonMealLimit => self.meals.contains(&meal(it.person, at)),
            Refusal::BatchPaused => batch.paused,
            _ => it.state == Use::Expired || (it.state == Use::Issued && at >= batch.valid_to),
        };
        let gone =
            matches!(it.state, Use::Deactivated | Use::Recalled).then_some(Refusal::Deactivated);
        EASIEST_FIRST.into_iter().find(applies).or(gone)
    }

    /// What the voucher pays, and what the worker adds.
    pub(super) fn payment(&self, voucher: usize, price: Option<i64>) -> (i64, i64) {
        let face = self.batches[self.vouchers[voucher].batch].face;
        let price = price.unwrap_or(face);
        (price.min(face), price - price.min(face))
    }

    pub(super) fn note_scan(
        &mut self,
        voucher: usize,
        step: i64,
        scanner: Scanner,
        said: &Said,
        now: DateTime<Utc>,
    ) {
        self.scans.push(Scan {
            voucher,
            step,
            said: said.clone(),
        });
        if let Said::Accepted { amount, .. } = *said {
            self.redeem(voucher, step, at(scanner, now), amount, now);
        }
    }

    pub(super) fn redeem(
        &mut self,
        voucher: usize,
        step: i64,
        scanned: DateTime<Utc>,
        amount: i64,
        now: DateTime<Utc>,
    ) {
        let it = &mut self.vouchers[voucher];
        it.state = Use::Redeemed;
        let (meal, batch) = (meal(it.person, scanned), &mut self.batches[it.batch]);
        (batch.reserved, batch.spent) = (batch.reserved - amount, batch.spent + amount);
        self.meals.insert(meal);
        self.used.insert((voucher, step));
        let left_over = batch.face - amount;
        let (at, noticed, hold) = (now, [false; 2], None);
        let (released, annulled, settled) = (false, false, false);
        let new = Redemption {
            voucher,
            meal,
            amount,
            left_over,
            released,
            at,
            annulled,
            settled,
            noticed,
            hold,
        };
        self.redemptions.push(new);
    }

    /// An annulled scan gives the voucher back; a rejected one voids it, and its reserve goes back
    /// as well.
    pub(super) fn undo(&mut self, redemption: usize, becomes: Use) {
        let it = self.at(redemption);
        it.annulled = true;
        let (voucher, meal, amount) = (it.voucher, it.meal, it.amount);
        let left_over = if it.released { 0 } else { it.left_over };
        if becomes == Use::Deactivated {
            it.hold = Some(false);
        }
        self.meals.remove(&meal);
        self.vouchers[voucher].state = becomes;
        let batch = &mut self.batches[self.vouchers[voucher].batch];
        batch.spent -= amount;
        batch.reserved += if becomes == Use::Issued {
            amount
        } else {
            -left_over
        };
    }
}
