//! Working days: Monday to Friday, unless the holiday calendar says otherwise. The calendar is data
//! that is imported once a year; days that it does not name follow the week.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

use crate::{
    kernel::{
        Invalid,
        values::{local_time, text},
    },
    store::{StoreError, Tx},
};

/// How far ahead of an instant the calendar is read: more than any due time with its holidays.
const AHEAD: TimeDelta = TimeDelta::days(120);

/// What the calendar says about a day that the week would get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A weekend's day that is worked to make up for a holiday.
    Working,
    /// A holiday.
    Off,
}

impl DayKind {
    pub const ALL: [Self; 2] = [Self::Working, Self::Off];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Off => "off",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One row of the holiday calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    pub date: NaiveDate,
    pub kind: DayKind,
    /// Why, in words: 国庆节.
    pub name: String,
}

impl CalendarDay {
    /// A row as it was typed: `2026-10-01`, `off`, 国庆节. Years 2000 to 2100.
    pub fn parse(date: &str, kind: &str, name: &str) -> Result<Self, Invalid> {
        let wrong_date = || Invalid::field("date", "date_invalid", "日期格式应为 2026-10-01");
        let date = NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d")
            .ok()
            .filter(|date| (2000..=2100).contains(&date.year()))
            .ok_or_else(wrong_date)?;
        let wrong_kind = || {
            let mend = "类型只能是 working（上班）或 off（放假）";
            Invalid::field("kind", "day_kind_unknown", mend)
        };
        Ok(Self {
            date,
            kind: DayKind::parse(kind.trim()).ok_or_else(wrong_kind)?,
            name: text::line("name", name, 1, 40)?,
        })
    }
}

/// The days that the calendar names.
#[derive(Debug, Clone, Default)]
pub struct Calendar(BTreeMap<NaiveDate, DayKind>);

impl FromIterator<(NaiveDate, DayKind)> for Calendar {
    fn from_iter<T: IntoIterator<Item = (NaiveDate, DayKind)>>(days: T) -> Self {
        Self(days.into_iter().collect())
    }
}

impl Calendar {
    /// What is known about the days after `now`, as far as due times reach.
    pub async fn after(tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let today = local_time::date_of(now);
        tx.calendar().between(today, today + AHEAD).await
    }

    pub fn is_working(&self, date: NaiveDate) -> bool {
        match self.0.get(&date) {
            Some(DayKind::Working) => true,
            Some(DayKind::Off) => false,
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// `from` moved on by working days, at the same time of day. A run of more than a year without
    /// any is a mistake in the calendar: there the week alone counts.
    pub fn due(&self, from: DateTime<Utc>, working_days: u32) -> DateTime<Utc> {
        let start = local_time::date_of(from);
        let (mut date, mut left) = (start, working_days);
        while left > 0 {
            date += TimeDelta::days(1);
            if self.is_working(date) || date - start > TimeDelta::days(366) {
                left -= 1;
            }
        }
        local_time::instant_of(date, local_time::time_of(from))
    }

    /// When those who may decide are reminded: the working day before it is due, or half-way where
    /// there is no such day.
    pub fn reminder(&self, from: DateTime<Utc>, working_days: u32) -> DateTime<Utc> {
        match working_days {
            0 | 1 => from + (self.due(from, working_days) - from) / 2,
            days => self.due(from, days - 1),
        }
    }
}

/// Sets days, each overwriting what was known of it, in the caller's transaction. Due times that
/// were given stay as they are. Returns how many days there were.
pub async fn set_days(tx: &mut dyn Tx, days: &[CalendarDay]) -> Result<u64, StoreError> {
    tx.calendar().set(days).await
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// National Day 2026: off from Thursday 1 October to Wednesday the 7th; Sunday 27 September and
    /// Saturday 10 October are worked.
    fn calendar() -> Calendar {
        let october = |day| NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
        let off = (1..=7).map(|day| (october(day), DayKind::Off));
        let made_up = [
            (
                NaiveDate::from_ymd_opt(2026, 9, 27).unwrap(),
                DayKind::Working,
            ),
            (october(10), DayKind::Working),
        ];
        off.chain(made_up).collect()
    }

    fn shanghai(date: &str, time: &str) -> DateTime<Utc> {
        local_time::instant_of(date.parse().unwrap(), time.parse().unwrap())
    }

    #[rstest]
    #[case::within_a_week("2026-11-02", 3, "2026-11-05")]
    #[case::over_a_weekend("2026-11-05", 5, "2026-11-12")]
    #[case::from_a_saturday("2026-11-07", 1, "2026-11-09")]
    #[case::at_once("2026-11-05", 0, "2026-11-05")]
    #[case::over_a_holiday("2026-09-30", 1, "2026-10-08")]
    #[case::out_of_a_holiday("2026-10-03", 1, "2026-10-08")]
    #[case::a_sunday_that_is_worked("2026-09-25", 1, "2026-09-27")]
    #[case::a_saturday_that_is_worked("2026-09-30", 3, "2026-10-10")]
    #[case::holiday_and_weekend("2026-09-24", 5, "2026-09-30")]
    fn due_times_count_working_days(#[case] from: &str, #[case] days: u32, #[case] due: &str) {
        let at = "09:30:00";
        assert_eq!(calendar().due(shanghai(from, at), days), shanghai(due, at));
    }

    #[test]
    fn without_data_the_week_counts() {
        let (friday, at) = ("2026-06-05", "10:00:00");
        let due = Calendar::default().due(shanghai(friday, at), 5);
        assert_eq!(due, shanghai("2026-06-12", at));
    }

    /// Late on Friday evening in UTC is Saturday in Shanghai.
    #[test]
    fn days_are_those_of_shanghai() {
        let late: DateTime<Utc> = "2026-06-05T16:30:00Z".parse().unwrap();
        assert_eq!(local_time::date_of(late).weekday(), Weekday::Sat);
        let due = Calendar::default().due(late, 1);
        assert_eq!(local_time::date_of(due).weekday(), Weekday::Mon);
    }

    #[test]
    fn a_calendar_without_any_working_day_still_ends() {
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let off = start.iter_days().take(800).map(|day| (day, DayKind::Off));
        let calendar: Calendar = off.collect();
        let from = shanghai("2026-01-01", "08:00:00");
        assert!(calendar.due(from, 2) - from < TimeDelta::days(400));
    }

    #[rstest]
    #[case::a_working_day_before(5, "2026-11-11", "09:00:00")]
    #[case::half_way(1, "2026-11-05", "21:00:00")]
    fn reminders_come_before_the_due_time(
        #[case] days: u32,
        #[case] date: &str,
        #[case] time: &str,
    ) {
        let from = shanghai("2026-11-05", "09:00:00");
        assert_eq!(
            Calendar::default().reminder(from, days),
            shanghai(date, time)
        );
    }

    #[rstest]
    #[case("2026-10-01", "off", "国庆节", None)]
    #[case("2026-13-01", "off", "国庆节", Some("date_invalid"))]
    #[case("0206-10-01", "off", "国庆节", Some("date_invalid"))]
    #[case("2026-10-01", "holiday", "国庆节", Some("day_kind_unknown"))]
    #[case("2026-10-01", "working", " ", Some("text_length"))]
    fn rows_are_checked(
        #[case] date: &str,
        #[case] kind: &str,
        #[case] name: &str,
        #[case] refused: Option<&str>,
    ) {
        let code = CalendarDay::parse(date, kind, name)
            .err()
            .and_then(|invalid| Some(invalid.errors.first()?.code));
        assert_eq!(code, refused);
    }
}
