//! One meal voucher: one holder for ever, used at most once at a time (invariants V3, V4).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        Fen,
        coded::coded,
        id::{AccountId, PersonId, VoucherBatchId, VoucherId},
    },
    vouchers::batches::batch::Batch,
};

coded! {
    /// As stored. `Expired` is written when the budget gets its reserve back; vouchers are void
    /// earlier, by the clock.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    VoucherState {
        Issued "issued",
        Redeemed "redeemed",
        Expired "expired",
        Deactivated "deactivated",
        Recalled "recalled",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    pub id: VoucherId,
    pub batch_id: VoucherBatchId,
    pub person_id: PersonId,
    /// Where notices about it go.
    pub account_id: AccountId,
    pub face_value: Fen,
    pub issued_at: DateTime<Utc>,
    pub valid_from: DateTime<Utc>,
    pub valid_to: DateTime<Utc>,
    pub state: VoucherState,
}

impl Voucher {
    pub fn issue(
        id: VoucherId,
        batch: &Batch,
        person_id: PersonId,
        account_id: AccountId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            batch_id: batch.id,
            person_id,
            account_id,
            face_value: batch.rules.face_value,
            issued_at: now,
            valid_from: batch.rules.valid_from,
            valid_to: batch.rules.valid_to,
            state: VoucherState::Issued,
        }
    }

    /// Expiry is a property of time, not of a sweep (V4).
    pub fn state_at(&self, instant: DateTime<Utc>) -> VoucherState {
        match self.state {
            VoucherState::Issued if instant >= self.valid_to => VoucherState::Expired,
            state => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::voucher;

    #[rstest]
    #[case(VoucherState::Issued, -1, VoucherState::Issued)]
    #[case(VoucherState::Issued, 0, VoucherState::Expired)]
    #[case(VoucherState::Redeemed, 0, VoucherState::Redeemed)]
    #[case(VoucherState::Deactivated, 0, VoucherState::Deactivated)]
    #[case(VoucherState::Recalled, 0, VoucherState::Recalled)]
    #[case(VoucherState::Expired, -1, VoucherState::Expired)]
    fn only_unused_vouchers_expire(
        #[case] state: VoucherState,
        #[case] seconds: i64,
        #[case] expected: VoucherState,
    ) {
        let voucher = Voucher { state, ..voucher() };
        assert_eq!(
            voucher.state_at(voucher.valid_to + TimeDelta::seconds(seconds)),
            expected
        );
    }
}
