//! Corrections of what cannot be changed any more: signed fen that become a line of the station's
//! next sheet. Each cause is adjusted once, and more is spent only where the batch's budget has
//! room.

use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        DistrictCode, Invalid,
        id::{AdjustmentId, DisputedScanId, RedemptionId, StationId, SubjectId, VoucherBatchId},
    },
    ledger::{Entry, Posted, postings::Adjust},
    settlements::SettlementError,
    store::{StoreError, Tx},
    vouchers::batches::batch::Officer,
};

/// What is set right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A settled redemption that was wrong.
    Redemption(RedemptionId),
    /// An offline scan that is honoured although it contradicts what is known.
    DisputedScan(DisputedScanId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    pub id: AdjustmentId,
    pub station_id: StationId,
    pub batch_id: VoucherBatchId,
    /// Positive: the station gets more. Never 0.
    pub amount_fen: i64,
    pub cause: Cause,
    pub reason: String,
    pub made_by: Officer,
    pub made_at: DateTime<Utc>,
}

/// A redemption of an approved sheet, as far as adjusting it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustable {
    pub station_id: StationId,
    pub district: DistrictCode,
    pub batch_id: VoucherBatchId,
    /// What the union paid.
    pub paid_fen: i64,
    pub face_value_fen: i64,
    /// Whether its sheet is approved; before that, the sheet goes back instead.
    pub is_approved: bool,
}

impl Adjustable {
    /// Takes back at most what was paid, and adds at most what the voucher is worth.
    pub fn amount(&self, wanted_fen: Option<i64>) -> Result<i64, SettlementError> {
        if !self.is_approved {
            return Err(SettlementError::NotApproved);
        }
        let amount = wanted_fen.unwrap_or(-self.paid_fen);
        let paid = self.paid_fen.saturating_add(amount);
        if amount == 0 || !(0..=self.face_value_fen).contains(&paid) {
            let detail = "调整金额不能为 0，调整后的支付金额应在 0 到餐券面值之间，请重新填写";
            return Err(Invalid::field("amountFen", "number_out_of_range", detail).into());
        }
        Ok(amount)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AdjustmentRefused {
    /// The same redemption or scan was adjusted before.
    #[error("adjusted before")]
    Twice,
    /// The batch's budget has no room, or it has not spent what is taken back.
    #[error("no room in the budget")]
    NoBudget,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Books an adjustment and moves the batch's spent money with it. After a refusal the transaction
/// must be dropped.
pub async fn book_adjustment(
    tx: &mut dyn Tx,
    adjustment: &Adjustment,
) -> Result<(), AdjustmentRefused> {
    if !tx.adjustments().add(adjustment).await? {
        return Err(AdjustmentRefused::Twice);
    }
    let entry = Entry {
        budget_id: adjustment.batch_id.into(),
        subject_id: SubjectId::from_uuid(adjustment.id.uuid()),
        sequence: 0,
        at: adjustment.made_at,
    };
    let fen = adjustment.amount_fen;
    let posted = tx.ledger().post(&[Adjust { entry, fen }.into()]).await?;
    match posted[..] {
        [Posted::Done] => Ok(()),
        [Posted::NoRoom] => Err(AdjustmentRefused::NoBudget),
        _ => Err(AdjustmentRefused::Twice),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::{batch, station};

    fn adjustable(is_approved: bool) -> Adjustable {
        let station = station();
        Adjustable {
            station_id: station.id,
            district: station.district,
            batch_id: batch().id,
            paid_fen: 1_200,
            face_value_fen: 1_500,
            is_approved,
        }
    }

    #[rstest]
    #[case::all_back(None, Some(-1_200))]
    #[case::a_part(Some(-200), Some(-200))]
    #[case::more_than_paid(Some(-1_201), None)]
    #[case::up_to_the_face_value(Some(300), Some(300))]
    #[case::beyond_it(Some(301), None)]
    #[case::nothing(Some(0), None)]
    #[case::absurd(Some(i64::MAX), None)]
    #[case::absurdly_little(Some(i64::MIN), None)]
    fn what_is_paid_stays_between_nothing_and_the_face_value(
        #[case] wanted: Option<i64>,
        #[case] amount: Option<i64>,
    ) {
        assert_eq!(adjustable(true).amount(wanted).ok(), amount);
    }

    #[test]
    fn before_approval_there_is_nothing_to_adjust() {
        assert!(matches!(
            adjustable(false).amount(None),
            Err(SettlementError::NotApproved)
        ));
    }
}
