//! The days that a sheet pays for, both ends included, by the business days of Asia/Shanghai.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::kernel::{Invalid, values::local_time};

/// A quarter, and some.
pub const MAX_DAYS: i64 = 92;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    first: NaiveDate,
    last: NaiveDate,
}

impl Period {
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, Invalid> {
        let years = 2020..=2999;
        if !years.contains(&first.year()) || !years.contains(&last.year()) {
            return Err(Invalid::field(
                "from",
                "date_out_of_range",
                "日期有误，请重新选择",
            ));
        }
        if last < first {
            return Err(Invalid::field(
                "to",
                "period_reversed",
                "结束日期不能早于开始日期，请重新选择",
            ));
        }
        if (last - first).num_days() >= MAX_DAYS {
            return Err(Invalid::field(
                "to",
                "period_too_long",
                format!("结算周期最长 {MAX_DAYS} 天，请缩短后提交"),
            ));
        }
        Ok(Self { first, last })
    }

    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    pub const fn last(&self) -> NaiveDate {
        self.last
    }

    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// The first instant at which nobody eats in it any more.
    pub fn end(&self) -> DateTime<Utc> {
        local_time::start_of(self.last + TimeDelta::days(1))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::one_day("2026-06-01", "2026-06-01", Some(1))]
    #[case::a_month("2026-06-01", "2026-06-30", Some(30))]
    #[case::longest("2026-06-01", "2026-08-31", Some(92))]
    #[case::too_long("2026-06-01", "2026-09-01", None)]
    #[case::absurd("9999-12-30", "9999-12-31", None)]
    #[case::reversed("2026-06-02", "2026-06-01", None)]
    fn both_ends_are_included(
        #[case] first: &str,
        #[case] last: &str,
        #[case] days: Option<usize>,
    ) {
        let period = Period::new(day(first), day(last)).ok();
        assert_eq!(period.map(|period| period.days().count()), days);
    }

    #[test]
    fn it_is_over_at_midnight_in_shanghai() {
        let period = Period::new(day("2026-06-01"), day("2026-06-30")).unwrap();
        assert_eq!(
            local_time::rfc3339(period.end()),
            "2026-07-01T00:00:00+08:00"
        );
    }
}
