//! What a reconciliation found.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    kernel::id::VoucherBatchId,
    vouchers::reconciliation::conservation::{BatchSums, Equation},
};

/// Differences that are listed; beyond them they are only counted.
const LISTED: usize = 1_000;

/// One equation that does not hold. Money in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// `None` for what belongs to no batch.
    pub batch_id: Option<VoucherBatchId>,
    pub equation: String,
    pub left: i64,
    pub right: i64,
    /// One of the rows that are wrong, where rows were counted.
    pub example: Option<String>,
}

/// Sums over all batches, so that a reader sees how much was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    pub batches: u64,
    pub issued: i64,
    pub live: i64,
    pub redeemed: i64,
    pub expired: i64,
    pub deactivated: i64,
    pub recalled: i64,
    pub budget_fen: i64,
    pub reserved_fen: i64,
    pub spent_fen: i64,
    pub free_fen: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub checked_at: DateTime<Utc>,
    pub totals: Totals,
    /// How many equations do not hold.
    pub found: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

impl Report {
    pub(super) fn new(checked_at: DateTime<Utc>) -> Self {
        Self {
            checked_at,
            totals: Totals::default(),
            found: 0,
            differences: Vec::new(),
        }
    }

    pub fn is_balanced(&self) -> bool {
        self.found == 0
    }

    pub(super) fn add(&mut self, difference: Difference) {
        self.found += 1;
        if self.differences.len() < LISTED {
            self.differences.push(difference);
        }
    }

    pub(super) fn count(&mut self, batch_id: VoucherBatchId, tally: &BatchSums) {
        self.totals.add(tally);
        for Equation { name, left, right } in tally
            .equations()
            .into_iter()
            .filter(|equation| !equation.holds())
        {
            let (batch_id, equation) = (Some(batch_id), name.to_owned());
            self.add(Difference {
                batch_id,
                equation,
                left,
                right,
                example: None,
            });
        }
    }
}

impl Totals {
    fn add(&mut self, tally: &BatchSums) {
        self.batches += 1;
        self.issued += tally.issued;
        self.live += tally.live;
        self.redeemed += tally.redeemed;
        self.expired += tally.expired;
        self.deactivated += tally.deactivated;
        self.recalled += tally.recalled;
        self.budget_fen += tally.budget_fen;
        self.reserved_fen += tally.reserved_fen;
        self.spent_fen += tally.spent_fen;
        self.free_fen += tally.free_fen();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::vouchers::testing::NOW;

    #[test]
    fn a_flood_of_differences_is_counted_and_cut() {
        let mut report = Report::new(NOW);
        let one = Difference {
            batch_id: None,
            equation: "1 = 0".to_owned(),
            left: 1,
            right: 0,
            example: None,
        };
        (0..LISTED + 5).for_each(|_| report.add(one.clone()));
        assert_eq!((report.found, report.differences.len()), (1_005, LISTED));
        assert!(!report.is_balanced());
    }

    #[test]
    fn only_what_does_not_hold_is_told() {
        let sound = BatchSums {
            issued: 1,
            live: 1,
            issued_by_day: 1,
            slots: 1,
            ..BatchSums::default()
        };
        let mut report = Report::new(NOW);
        report.count(VoucherBatchId::from_uuid(Uuid::nil()), &sound);
        assert!(report.is_balanced());
        report.count(
            VoucherBatchId::from_uuid(Uuid::nil()),
            &BatchSums { slots: 2, ..sound },
        );
        let names: Vec<_> = report
            .differences
            .iter()
            .map(|difference| difference.equation.as_str())
            .collect();
        assert_eq!(
            (names, report.totals.issued),
            (vec!["issued = slots of persons"], 2)
        );
    }
}
