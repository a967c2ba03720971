//! The same staff member and the same holder, again and again.
//!
//! A regular who eats daily meets whoever is on duty, so neither the count nor the holder's share
//! says anything by itself. What counts is whether others at the same meals met somebody else, or
//! whether the staff member scanned hardly anybody else.

use serde_json::{Value, json};

use super::policy::{CollusionPolicy, reaches, stays_within};
use crate::kernel::id::{AccountId, PersonId, StationId};

/// One pair at one station, over the habits' window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairHabit {
    pub station_id: StationId,
    pub staff_id: AccountId,
    pub person_id: PersonId,
    /// Meals of this holder scanned by this staff member.
    pub meals: i64,
    /// All of the holder's meals at the station.
    pub holders_meals: i64,
    /// Scans of other holders at those meals.
    pub others: i64,
    /// … and how many of them by this staff member.
    pub others_by_staff: i64,
}

impl PairHabit {
    pub fn is_suspicious(&self, policy: &CollusionPolicy) -> bool {
        let is_habit = self.meals >= policy.pair_meals
            && reaches(self.meals, self.holders_meals, policy.pair_share);
        let by_choice = self.others >= policy.pair_others
            && stays_within(
                self.others_by_staff,
                self.others,
                policy.pair_share_of_others,
            );
        let hardly_anybody_else = self.others_by_staff < self.meals;
        is_habit && (by_choice || hardly_anybody_else)
    }

    pub fn evidence(&self) -> Value {
        json!({ "meals": self.meals, "holdersMeals": self.holders_meals, "others": self.others,
            "othersByStaff": self.others_by_staff })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    #[rstest]
    #[case::always_the_same_though_others_serve_most(8, 8, 100, 40, true)]
    #[case::on_duty_for_everybody(14, 14, 300, 300, false)]
    #[case::one_of_two_on_duty(14, 14, 300, 150, false)]
    #[case::too_few_meals(7, 7, 100, 0, false)]
    #[case::often_with_others_too(8, 9, 100, 10, false)]
    #[case::too_few_others_to_compare(8, 8, 19, 8, false)]
    #[case::nobody_else_at_all(8, 8, 0, 0, true)]
    #[case::hardly_anybody_else(8, 8, 15, 7, true)]
    fn regulars_are_spared(
        #[case] meals: i64,
        #[case] holders_meals: i64,
        #[case] others: i64,
        #[case] others_by_staff: i64,
        #[case] expected: bool,
    ) {
        let nil = Uuid::nil();
        let habit = PairHabit {
            station_id: StationId::from_uuid(nil),
            staff_id: AccountId::from_uuid(nil),
            person_id: PersonId::from_uuid(nil),
            meals,
            holders_meals,
            others,
            others_by_staff,
        };
        assert_eq!(habit.is_suspicious(&CollusionPolicy::default()), expected);
    }
}
