//! The consumption of one voucher by a scan, and its undoing within fifteen minutes (invariants V3,
//! V7, V9).

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    kernel::{
        Fen,
        id::{AccountId, PersonId, RedemptionId, StationId, VoucherBatchId, VoucherId},
    },
    vouchers::{batches::rules::meal::Meal, codes::code::CodeStep},
};

/// How long a mistaken scan can be undone.
pub const ANNULMENT_WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Of one meal, in fen.
const MAX_PRICE_FEN: i64 = 1_000_000;

/// The price that staff typed; `None` for what no meal costs.
pub(in crate::vouchers) fn meal_price(fen: i64) -> Option<Fen> {
    Fen::new(fen).filter(|_| (1..=MAX_PRICE_FEN).contains(&fen))
}

/// What the voucher pays and what the holder adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    pub price: Fen,
    /// Whether staff said the price; otherwise it is the face value by default.
    pub is_price_typed: bool,
    pub amount: Fen,
    pub copay: Fen,
}

impl Payment {
    /// Without a price the meal costs the face value.
    pub fn of(face_value: Fen, price: Option<Fen>) -> Self {
        let is_price_typed = price.is_some();
        let price = price.unwrap_or(face_value);
        let amount = price.min(face_value);
        Self {
            price,
            is_price_typed,
            amount,
            copay: price.saturating_sub(amount),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedemptionState {
    Accepted,
    Annulled {
        at: DateTime<Utc>,
        by: AccountId,
        reason: String,
    },
    /// A line of a settlement; corrected by adjustments only.
    Settled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    pub id: RedemptionId,
    pub voucher_id: VoucherId,
    pub batch_id: VoucherBatchId,
    pub person_id: PersonId,
    pub station_id: StationId,
    pub staff_id: AccountId,
    pub device_id: String,
    /// The station's own id of the scan.
    pub scan_id: String,
    pub meal: Meal,
    pub payment: Payment,
    /// By the station's clock.
    pub scanned_at: DateTime<Utc>,
    /// By ours.
    pub accepted_at: DateTime<Utc>,
    pub state: RedemptionState,
}

/// A redemption on its way into the database, with the code it uses up.
#[derive(Debug, Clone)]
pub struct NewRedemption {
    pub redemption: Redemption,
    pub code: CodeStep,
    pub face_value: Fen,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AnnulmentRefused {
    #[error("annulled before")]
    AlreadyAnnulled,
    #[error("more than fifteen minutes ago")]
    TooLate,
    #[error("settled")]
    Settled,
}

impl Redemption {
    pub fn annul(
        self,
        by: AccountId,
        reason: String,
        now: DateTime<Utc>,
    ) -> Result<Self, AnnulmentRefused> {
        match self.state {
            RedemptionState::Annulled { .. } => Err(AnnulmentRefused::AlreadyAnnulled),
            RedemptionState::Settled => Err(AnnulmentRefused::Settled),
            RedemptionState::Accepted if now - self.accepted_at > ANNULMENT_WINDOW => {
                Err(AnnulmentRefused::TooLate)
            }
            RedemptionState::Accepted => Ok(Self {
                state: RedemptionState::Annulled {
                    at: now,
                    by,
                    reason,
                },
                ..self
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::{NOW, redemption};

    #[rstest]
    #[case::no_price(None, 1_500, 0)]
    #[case::cheaper(Some(1_200), 1_200, 0)]
    #[case::equal(Some(1_500), 1_500, 0)]
    #[case::dearer(Some(2_100), 1_500, 600)]
    fn the_voucher_pays_up_to_its_face_value(
        #[case] price: Option<i64>,
        #[case] amount: i64,
        #[case] copay: i64,
    ) {
        let payment = Payment::of(Fen::new(1_500).unwrap(), price.and_then(Fen::new));
        assert_eq!((payment.amount.get(), payment.copay.get()), (amount, copay));
        assert_eq!(payment.is_price_typed, price.is_some());
    }

    #[rstest]
    #[case(0, true)]
    #[case(15 * 60, true)]
    #[case(15 * 60 + 1, false)]
    fn fifteen_minutes_and_no_longer(#[case] seconds: i64, #[case] allowed: bool) {
        let now = NOW + TimeDelta::seconds(seconds);
        let result = redemption().annul(redemption().staff_id, "扫错".to_owned(), now);
        assert_eq!(result.is_ok(), allowed);
    }

    #[test]
    fn what_is_settled_is_not_annulled() {
        let settled = Redemption {
            state: RedemptionState::Settled,
            ..redemption()
        };
        let refused = settled.annul(redemption().staff_id, "扫错".to_owned(), NOW);
        assert_eq!(refused.unwrap_err(), AnnulmentRefused::Settled);
    }

    #[test]
    fn nothing_is_annulled_twice() {
        let annulled = redemption()
            .annul(redemption().staff_id, "扫错".to_owned(), NOW)
            .unwrap();
        let again = annulled.annul(redemption().staff_id, "扫错".to_owned(), NOW);
        assert_eq!(again.unwrap_err(), AnnulmentRefused::AlreadyAnnulled);
    }
}
