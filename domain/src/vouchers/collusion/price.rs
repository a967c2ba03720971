//! Meals whose price always equals the face value, whatever was eaten.
//!
//! Without a typed price the meal costs the face value by default: that is no evidence. A fixed
//! menu at exactly the face value is not either, so the price must follow vouchers of different
//! values, or differ from what colleagues at the same station type; only a long row without
//! exception speaks for itself.

use serde_json::{Value, json};

use super::policy::{CollusionPolicy, reaches, stays_within};
use crate::kernel::id::{AccountId, StationId};

/// What one staff member types at one station, over the habits' window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceHabit {
    pub station_id: StationId,
    pub staff_id: AccountId,
    /// Prices typed.
    pub typed: i64,
    /// … that equal the voucher's face value.
    pub at_face: i64,
    /// Different face values among those.
    pub faces: i64,
    /// The same of the station's other staff.
    pub others_typed: i64,
    pub others_at_face: i64,
}

impl PriceHabit {
    pub fn is_suspicious(&self, policy: &CollusionPolicy) -> bool {
        let is_habit = self.typed >= policy.price_typed
            && reaches(self.at_face, self.typed, policy.price_share);
        let follows_the_voucher = self.faces > 1;
        let unlike_colleagues = self.others_typed >= policy.price_typed
            && stays_within(
                self.others_at_face,
                self.others_typed,
                policy.price_share_of_others,
            );
        let without_exception =
            self.typed >= policy.price_typed_alone && self.at_face == self.typed;
        is_habit && (follows_the_voucher || unlike_colleagues || without_exception)
    }

    pub fn evidence(&self) -> Value {
        json!({ "typed": self.typed, "atFaceValue": self.at_face, "faceValues": self.faces,
            "othersTyped": self.others_typed, "othersAtFaceValue": self.others_at_face })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    #[rstest]
    #[case::follows_two_face_values(20, 19, 2, 0, 0, true)]
    #[case::a_menu_of_one_price(39, 39, 1, 200, 190, false)]
    #[case::colleagues_type_other_prices(20, 20, 1, 100, 50, true)]
    #[case::too_few_colleagues_prices(20, 20, 1, 19, 0, false)]
    #[case::too_few(19, 19, 2, 100, 0, false)]
    #[case::prices_vary(100, 94, 2, 100, 10, false)]
    #[case::long_without_exception(40, 40, 1, 0, 0, true)]
    #[case::long_with_an_exception(40, 39, 1, 0, 0, false)]
    fn fixed_menus_are_spared(
        #[case] typed: i64,
        #[case] at_face: i64,
        #[case] faces: i64,
        #[case] others_typed: i64,
        #[case] others_at_face: i64,
        #[case] expected: bool,
    ) {
        let (station_id, staff_id) = (
            StationId::from_uuid(Uuid::nil()),
            AccountId::from_uuid(Uuid::nil()),
        );
        let habit = PriceHabit {
            station_id,
            staff_id,
            typed,
            at_face,
            faces,
            others_typed,
            others_at_face,
        };
        assert_eq!(habit.is_suspicious(&CollusionPolicy::default()), expected);
    }
}
