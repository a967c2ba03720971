//! Rules that can never be met together, or never in the world as it is: a window outside the
//! validity, a station that is shut at every meal, a district of somewhere else. Looked for when a
//! batch is drafted and again when it is submitted, because stations change meanwhile; each is
//! refused with the field to mend.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{BatchRules, meal::MealWindow};
use crate::{
    kernel::{DistrictCode, Invalid, invalid::FieldCheck, values::local_time},
    stations::{hours::Opening, station::Station},
};

/// `stations` are those of the rules that exist.
pub fn check(
    rules: &BatchRules,
    district: DistrictCode,
    stations: &[Station],
) -> Result<(), Invalid> {
    let mut check = FieldCheck::default();
    for (index, meal) in rules.meals.iter().enumerate() {
        let occurs = days(rules).any(|day| meets(rules, day, meal.hours));
        let detail = "该就餐时段不在有效期内，请调整时段或有效期";
        check.require(
            occurs,
            &format!("meals[{index}]"),
            "meal_outside_validity",
            detail,
        );
    }
    for (index, id) in rules.station_ids.iter().enumerate() {
        let field = format!("stationIds[{index}]");
        let here = stations
            .iter()
            .find(|station| station.id == *id && district.covers(station.district));
        check.require(
            here.is_some(),
            &field,
            "station_unknown",
            "驿站不存在或不在本区县，请重新选择",
        );
        let serves = here.is_none_or(|station| serves(rules, station));
        check.require(
            serves,
            &field,
            "station_never_open",
            "驿站在所有就餐时段都不营业，请更换驿站或调整时段",
        );
    }
    for (index, other) in rules.eligibility.districts.iter().enumerate() {
        let near = district.covers(*other) || other.covers(district);
        let field = format!("eligibility.districts[{index}]");
        check.require(
            near,
            &field,
            "district_outside",
            "适用区县不在批次所属区县内，请重新选择",
        );
    }
    check.finish()
}

/// Whether a meal can ever be had there.
fn serves(rules: &BatchRules, station: &Station) -> bool {
    days(rules).any(|day| {
        let open = station.hours.on(day);
        let overlap = |meal: &MealWindow| {
            open.iter()
                .any(|opening| meets_both(rules, day, meal.hours, *opening))
        };
        rules.meals.iter().any(overlap)
    })
}

/// The business days on which vouchers are good.
fn days(rules: &BatchRules) -> impl Iterator<Item = NaiveDate> {
    let last = local_time::date_of(rules.valid_to);
    local_time::date_of(rules.valid_from)
        .iter_days()
        .take_while(move |day| *day <= last)
}

/// Whether a stretch of a day touches the validity.
fn meets(rules: &BatchRules, day: NaiveDate, hours: Opening) -> bool {
    meets_both(rules, day, hours, Opening::ALL_DAY)
}

fn meets_both(rules: &BatchRules, day: NaiveDate, one: Opening, other: Opening) -> bool {
    let Some(shared) = one.shared_with(other) else {
        return false;
    };
    let at = |minute: u16| -> DateTime<Utc> {
        local_time::start_of(day) + TimeDelta::minutes(i64::from(minute))
    };
    let (from, to) = shared.minutes();
    at(from) < rules.valid_to && at(to) > rules.valid_from
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        kernel::id::StationId,
        stations::hours::OpeningHours,
        vouchers::testing::{LUNCH, NOW, batch, station},
    };

    /// The rules, and the only station they name.
    struct World {
        rules: BatchRules,
        station: Station,
    }

    type Change = fn(&mut World);

    fn district(text: &str) -> DistrictCode {
        DistrictCode::parse(text).unwrap()
    }

    fn hours(from: &str, to: &str) -> OpeningHours {
        OpeningHours::daily(Opening::parse("hours", from, to).unwrap())
    }

    fn sundays_only() -> [Vec<Opening>; 7] {
        std::array::from_fn(|day| {
            if day == 6 {
                vec![Opening::ALL_DAY]
            } else {
                vec![]
            }
        })
    }

    fn fields(change: Change) -> Vec<String> {
        let mut world = World {
            rules: batch().rules,
            station: station(),
        };
        change(&mut world);
        match check(&world.rules, batch().district, &[world.station]) {
            Ok(()) => vec![],
            Err(invalid) => invalid
                .errors
                .into_iter()
                .map(|error| error.field)
                .collect(),
        }
    }

    #[rstest]
    #[case::as_it_is(|_: &mut World| {})]
    #[case::lunch_only(|it: &mut World| it.station.hours = hours("12:30", "14:00"))]
    #[case::prefecture(|it: &mut World| it.rules.eligibility.districts = vec![district("370800")])]
    #[case::until_the_middle_of_dinner(|it: &mut World| it.rules.valid_to = LUNCH + TimeDelta::hours(6))]
    #[case::sundays_only(|it: &mut World| it.station.hours.weekly = sundays_only())]
    fn what_can_be_met_passes(#[case] change: Change) {
        assert!(fields(change).is_empty());
    }

    #[rstest]
    // Valid from 13:30 to 16:00 of one day: neither lunch nor dinner.
    #[case::no_meal(|it: &mut World| {
        it.rules.valid_from = LUNCH + TimeDelta::minutes(90);
        it.rules.valid_to = LUNCH + TimeDelta::hours(4);
    }, &["meals[0]", "meals[1]", "stationIds[0]"])]
    #[case::over_before_dinner(|it: &mut World| it.rules.valid_to = NOW + TimeDelta::hours(9), &["meals[1]"])]
    #[case::shut_at_meals(|it: &mut World| it.station.hours = hours("13:00", "17:00"), &["stationIds[0]"])]
    // The first of June 2026 is a Monday.
    #[case::sundays_only_on_a_monday(|it: &mut World| {
        it.station.hours.weekly = sundays_only();
        it.rules.valid_to = NOW + TimeDelta::hours(14);
    }, &["stationIds[0]"])]
    #[case::station_elsewhere(|it: &mut World| it.station.district = district("370812"), &["stationIds[0]"])]
    #[case::station_unknown(|it: &mut World| it.rules.station_ids = vec![StationId::from_uuid(uuid::Uuid::nil())],
        &["stationIds[0]"])]
    #[case::district_elsewhere(|it: &mut World| {
        it.rules.eligibility.districts = vec![district("370811"), district("370812")];
    }, &["eligibility.districts[1]"])]
    fn contradictions_name_their_field(#[case] change: Change, #[case] expected: &[&str]) {
        assert_eq!(fields(change), expected);
    }
}
