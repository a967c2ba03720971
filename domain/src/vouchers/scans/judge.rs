//! The judgement of one scan over what is known about it. Pure; the writes that follow are guarded
//! once more by the database, where races end.

use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::Refusal;
use crate::{
    membership::standing::Standing,
    stations::station::Station,
    vouchers::{
        batches::{
            batch::{Batch, BatchState},
            rules::meal::{Meal, meal_at},
        },
        codes::code::{CodeStep, Freshness},
        wallet::voucher::{Voucher, VoucherState},
    },
};

/// How far a station's clock may be off.
pub const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Everything the answer depends on, read in the transaction of the scan.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// When it was scanned, by the station's clock.
    pub at: DateTime<Utc>,
    pub code: CodeStep,
    /// This very step was accepted before.
    pub code_is_used: bool,
    pub voucher: &'a Voucher,
    pub batch: &'a Batch,
    pub station: &'a Station,
    pub standing: Option<&'a Standing>,
    /// The holder has had this meal today, on whatever voucher.
    pub meal_is_taken: bool,
}

/// The meal this scan pays for, or the refusal that is easiest to mend.
pub fn judge(facts: &Facts<'_>) -> Result<Meal, Refusal> {
    let meal = meal_at(&facts.batch.rules.meals, facts.at);
    let refusals = [
        code(facts),
        voucher(facts),
        batch(facts),
        place(facts),
        standing(facts),
        eating(facts, &meal),
    ];
    match (refusals.into_iter().flatten().min(), meal) {
        (Some(refusal), _) => Err(refusal),
        (None, Some(meal)) => Ok(meal),
        (None, None) => Err(Refusal::OutsideMealWindow),
    }
}

pub fn is_clock_skewed(scanned_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (scanned_at - now).abs() > MAX_CLOCK_SKEW
}

fn code(facts: &Facts<'_>) -> Option<Refusal> {
    match facts.code.freshness(facts.at) {
        Freshness::Future => Some(Refusal::ClockSkew),
        Freshness::Past => Some(Refusal::CodeExpired),
        Freshness::Current => facts.code_is_used.then_some(Refusal::CodeReplayed),
    }
}

fn voucher(facts: &Facts<'_>) -> Option<Refusal> {
    match facts.voucher.state_at(facts.at) {
        VoucherState::Redeemed => Some(Refusal::AlreadyRedeemed),
        VoucherState::Expired => Some(Refusal::Expired),
        VoucherState::Deactivated | VoucherState::Recalled => Some(Refusal::Deactivated),
        VoucherState::Issued => {
            (facts.at < facts.voucher.valid_from).then_some(Refusal::NotYetValid)
        }
    }
}

fn batch(facts: &Facts<'_>) -> Option<Refusal> {
    match facts.batch.state {
        // A closed batch has no vouchers left that could be scanned.
        BatchState::Running { .. } | BatchState::Stopped { .. } | BatchState::Closed { .. } => None,
        BatchState::Paused { .. }
        | BatchState::Draft { .. }
        | BatchState::Submitted { .. }
        | BatchState::Rejected { .. } => Some(Refusal::BatchPaused),
    }
}

fn place(facts: &Facts<'_>) -> Option<Refusal> {
    if !facts.batch.rules.station_ids.contains(&facts.station.id) {
        return Some(Refusal::WrongStation);
    }
    (!facts.station.is_open_at(facts.at)).then_some(Refusal::StationClosed)
}

fn standing(facts: &Facts<'_>) -> Option<Refusal> {
    let missing = facts.batch.rules.eligibility.missing(facts.standing);
    (!missing.is_empty()).then_some(Refusal::StandingInsufficient)
}

fn eating(facts: &Facts<'_>, meal: &Option<Meal>) -> Option<Refusal> {
    match meal {
        None => Some(Refusal::OutsideMealWindow),
        Some(_) => facts.meal_is_taken.then_some(Refusal::PersonMealLimit),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        kernel::id::AccountId,
        stations::hours::{Opening, OpeningHours},
        vouchers::testing::{LUNCH, batch, standing, station, voucher},
    };

    struct Scene {
        at: DateTime<Utc>,
        code_age: TimeDelta,
        used: bool,
        voucher: Voucher,
        batch: Batch,
        station: Station,
        standing: Option<Standing>,
        meal_taken: bool,
    }

    fn scene() -> Scene {
        let approved_by = AccountId::from_uuid(Default::default());
        Scene {
            at: LUNCH,
            code_age: TimeDelta::zero(),
            used: false,
            voucher: voucher(),
            batch: Batch {
                state: BatchState::Running { approved_by },
                ..batch()
            },
            station: station(),
            standing: Some(standing()),
            meal_taken: false,
        }
    }

    fn judged(scene: &Scene) -> Result<Meal, Refusal> {
        judge(&Facts {
            at: scene.at,
            code: CodeStep::at(scene.voucher.id, 1, scene.at - scene.code_age),
            code_is_used: scene.used,
            voucher: &scene.voucher,
            batch: &scene.batch,
            station: &scene.station,
            standing: scene.standing.as_ref(),
            meal_is_taken: scene.meal_taken,
        })
    }

    #[test]
    fn a_sound_scan_pays_for_the_meal_of_the_moment() {
        let meal = judged(&scene()).unwrap();
        assert_eq!(
            (meal.day.to_string().as_str(), meal.window.as_str()),
            ("2026-06-01", "午餐")
        );
    }

    type Change = fn(&mut Scene);

    fn shut(scene: &mut Scene) {
        scene.station.hours =
            OpeningHours::daily(Opening::parse("hours", "06:00", "07:00").unwrap());
    }

    fn pause(scene: &mut Scene) {
        scene.batch.state = BatchState::Paused {
            approved_by: AccountId::from_uuid(Default::default()),
        };
    }

    /// Each reason alone.
    #[rstest]
    #[case(Refusal::ClockSkew, |scene: &mut Scene| scene.code_age = TimeDelta::seconds(-90))]
    #[case(Refusal::CodeExpired, |scene: &mut Scene| scene.code_age = TimeDelta::seconds(90))]
    #[case(Refusal::CodeReplayed, |scene: &mut Scene| scene.used = true)]
    #[case(Refusal::AlreadyRedeemed, |scene: &mut Scene| scene.voucher.state = VoucherState::Redeemed)]
    #[case(Refusal::Expired, |scene: &mut Scene| scene.voucher.valid_to = LUNCH)]
    #[case(Refusal::Expired, |scene: &mut Scene| scene.voucher.state = VoucherState::Expired)]
    #[case(Refusal::NotYetValid, |scene: &mut Scene| scene.voucher.valid_from = LUNCH + TimeDelta::seconds(1))]
    #[case(Refusal::OutsideMealWindow, |scene: &mut Scene| scene.at = LUNCH + TimeDelta::hours(3))]
    #[case(Refusal::WrongStation, |scene: &mut Scene| scene.batch.rules.station_ids.clear())]
    #[case(Refusal::StationClosed, shut)]
    #[case(Refusal::PersonMealLimit, |scene: &mut Scene| scene.meal_taken = true)]
    #[case(Refusal::StandingInsufficient, |scene: &mut Scene| scene.standing = None)]
    #[case(Refusal::BatchPaused, pause)]
    #[case(Refusal::Deactivated, |scene: &mut Scene| scene.voucher.state = VoucherState::Deactivated)]
    #[case(Refusal::Deactivated, |scene: &mut Scene| scene.voucher.state = VoucherState::Recalled)]
    fn one_reason_is_itself(#[case] expected: Refusal, #[case] change: Change) {
        let mut scene = scene();
        change(&mut scene);
        assert_eq!(judged(&scene), Err(expected));
    }

    #[test]
    fn a_stopped_batch_still_feeds() {
        let mut scene = scene();
        scene.batch.state = BatchState::Stopped {
            approved_by: AccountId::from_uuid(Default::default()),
        };
        assert!(judged(&scene).is_ok());
    }

    fn stale(scene: &mut Scene) {
        scene.code_age = TimeDelta::seconds(90);
    }

    fn used(scene: &mut Scene) {
        scene.voucher.state = VoucherState::Redeemed;
    }

    fn elsewhere(scene: &mut Scene) {
        scene.batch.rules.station_ids.clear();
    }

    fn between_meals(scene: &mut Scene) {
        scene.at = LUNCH + TimeDelta::hours(3);
    }

    fn stranger(scene: &mut Scene) {
        scene.standing = None;
    }

    fn void(scene: &mut Scene) {
        scene.voucher.valid_to = LUNCH;
    }

    /// Several reasons at once: the one easiest to mend.
    #[rstest]
    #[case::a_fresh_code_would_not_help(Refusal::AlreadyRedeemed, stale, used)]
    #[case::nor_would_another_station(Refusal::AlreadyRedeemed, elsewhere, used)]
    #[case::refresh_before_walking(Refusal::CodeExpired, stale, elsewhere)]
    #[case::walk_before_waiting(Refusal::WrongStation, elsewhere, between_meals)]
    #[case::wait_before_asking_the_union(Refusal::OutsideMealWindow, stranger, between_meals)]
    #[case::nothing_mends_expiry(Refusal::StandingInsufficient, void, stranger)]
    fn of_several_the_easiest(
        #[case] expected: Refusal,
        #[case] one: Change,
        #[case] other: Change,
    ) {
        let mut scene = scene();
        one(&mut scene);
        other(&mut scene);
        assert_eq!(judged(&scene), Err(expected));
    }

    fn early(scene: &mut Scene) {
        scene.voucher.valid_from = LUNCH + TimeDelta::hours(10);
    }

    fn switched_off(scene: &mut Scene) {
        scene.voucher.state = VoucherState::Deactivated;
    }

    /// Every pair of reasons that can hold at once: the earlier of the two is said, in whichever
    /// order they arose.
    #[test]
    fn of_any_two_the_easiest() {
        let reasons: [(Refusal, Change); 11] = [
            (Refusal::AlreadyRedeemed, used),
            (Refusal::CodeExpired, stale),
            (Refusal::CodeReplayed, |scene| scene.used = true),
            (Refusal::WrongStation, elsewhere),
            (Refusal::StationClosed, shut),
            (Refusal::OutsideMealWindow, between_meals),
            (Refusal::PersonMealLimit, |scene| scene.meal_taken = true),
            (Refusal::NotYetValid, early),
            (Refusal::BatchPaused, pause),
            (Refusal::StandingInsufficient, stranger),
            (Refusal::Deactivated, switched_off),
        ];
        let is_state = |reason| {
            matches!(
                reason,
                Refusal::AlreadyRedeemed | Refusal::NotYetValid | Refusal::Deactivated
            )
        };
        for (first, one) in &reasons {
            for (second, other) in &reasons {
                // A voucher is in one state.
                if is_state(*first) && is_state(*second) {
                    continue;
                }
                let mut scene = scene();
                one(&mut scene);
                other(&mut scene);
                assert_eq!(
                    judged(&scene),
                    Err(*first.min(second)),
                    "{first:?} and {second:?}"
                );
            }
        }
    }

    #[rstest]
    #[case(300, false)]
    #[case(301, true)]
    #[case(-301, true)]
    fn five_minutes_of_skew_are_borne(#[case] seconds: i64, #[case] skewed: bool) {
        assert_eq!(
            is_clock_skewed(LUNCH + TimeDelta::seconds(seconds), LUNCH),
            skewed
        );
    }
}
