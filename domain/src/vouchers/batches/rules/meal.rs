//! Meal windows: stretches of a day in Asia/Shanghai. The window's name is its identity: "午餐" of
//! one batch and "午餐" of another are the same meal, so a person eats it once a day (invariant V2).

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    kernel::{
        FieldError, Invalid,
        invalid::FieldCheck,
        values::{local_time, text},
    },
    stations::hours::Opening,
};

const MAX_MEALS: usize = 8;

/// A meal window as the cadre typed it.
#[derive(Debug, Clone)]
pub struct NewMeal {
    pub name: String,
    pub from: String,
    pub to: String,
}

/// `[from, to)` on any day of the batch; midnight is not crossed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MealWindow {
    pub name: String,
    pub hours: Opening,
}

/// Which meal of which day: what a person has at most once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Meal {
    pub day: NaiveDate,
    /// The window's name, case and width folded.
    pub window: String,
}

impl MealWindow {
    /// `from` and `to` are `HH:MM`; the end may be `24:00`.
    pub fn parse(field: &str, name: &str, from: &str, to: &str) -> Result<Self, Invalid> {
        let in_window = |member: &str| {
            let field = format!("{field}.{member}");
            move |invalid: Invalid| Invalid {
                errors: invalid
                    .errors
                    .into_iter()
                    .map(|error| FieldError {
                        field: field.clone(),
                        ..error
                    })
                    .collect(),
            }
        };
        let name = text::line(field, name, 1, 20).map_err(in_window("name"))?;
        let hours = Opening::parse(field, from, to).map_err(in_window("from"))?;
        Ok(Self { name, hours })
    }

    /// A batch's windows: they neither overlap nor share a name.
    pub(super) fn parse_all(typed: &[NewMeal]) -> Result<Vec<Self>, Invalid> {
        let mut check = FieldCheck::default();
        check.require(
            (1..=MAX_MEALS).contains(&typed.len()),
            "meals",
            "meals_count",
            "请设置 1 到 8 个就餐时段",
        );
        let mut windows: Vec<Self> = Vec::with_capacity(typed.len());
        for (index, meal) in typed.iter().enumerate() {
            let field = format!("meals[{index}]");
            let Some(window) = check.take(Self::parse(&field, &meal.name, &meal.from, &meal.to))
            else {
                continue;
            };
            let apart = windows
                .iter()
                .all(|other| !other.hours.overlaps(window.hours));
            check.require(
                apart,
                &field,
                "meals_overlap",
                "就餐时段之间不能重叠，请调整时间",
            );
            let named = windows
                .iter()
                .all(|other| other.identity() != window.identity());
            check.require(
                named,
                &format!("{field}.name"),
                "meal_name_repeated",
                "就餐时段的名称不能重复",
            );
            windows.push(window);
        }
        check.finish()?;
        Ok(windows)
    }

    /// What makes two windows the same meal.
    pub fn identity(&self) -> String {
        self.name.nfkc().collect::<String>().to_lowercase()
    }

    fn contains(&self, instant: DateTime<Utc>) -> bool {
        let time = local_time::time_of(instant);
        u16::try_from(time.hour() * 60 + time.minute())
            .is_ok_and(|minute| self.hours.contains(minute))
    }
}

/// The meal at an instant; `None` between the windows. Windows of one batch never overlap.
pub fn meal_at(windows: &[MealWindow], instant: DateTime<Utc>) -> Option<Meal> {
    let window = windows.iter().find(|window| window.contains(instant))?;
    Some(Meal {
        day: local_time::date_of(instant),
        window: window.identity(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::opens("2026-06-01T11:00:00+08:00", Some(("2026-06-01", "lunch")))]
    #[case::last_second("2026-06-01T12:59:59+08:00", Some(("2026-06-01", "lunch")))]
    #[case::closes("2026-06-01T13:00:00+08:00", None)]
    #[case::utc_is_read_in_shanghai("2026-06-01T04:00:00Z", Some(("2026-06-01", "lunch")))]
    #[case::the_day_is_shanghais("2026-05-31T23:30:00+08:00", Some(("2026-05-31", "夜宵")))]
    #[case::midnight("2026-06-01T00:00:00+08:00", None)]
    fn a_scan_falls_into_one_meal_or_none(
        #[case] at: DateTime<chrono::FixedOffset>,
        #[case] expected: Option<(&str, &str)>,
    ) {
        let windows = [
            MealWindow::parse("meals[0]", "Lunch", "11:00", "13:00").unwrap(),
            MealWindow::parse("meals[1]", "夜宵", "22:00", "24:00").unwrap(),
        ];
        let meal = meal_at(&windows, at.to_utc()).map(|meal| (meal.day.to_string(), meal.window));
        assert_eq!(
            meal,
            expected.map(|(day, window)| (day.to_owned(), window.to_owned()))
        );
    }

    #[test]
    fn full_width_and_upper_case_are_the_same_meal() {
        let identity = |name| {
            MealWindow::parse("meals[0]", name, "11:00", "13:00")
                .unwrap()
                .identity()
        };
        assert_eq!(identity("LUNCH"), identity("ｌｕｎｃｈ"));
    }
}
