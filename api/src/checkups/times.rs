//! Days and times of day as clients write them.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use niangjia_domain::kernel::{Invalid, values::local_time};

/// `YYYY-MM-DD`, four digits of a year and no more.
pub fn day(field: &str, text: &str) -> Result<NaiveDate, Invalid> {
    let parsed = (text.len() == 10)
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten();
    parsed.ok_or_else(|| {
        Invalid::field(
            field,
            "date_invalid",
            "请按“年-月-日”的格式填写真实存在的日期，例如 2026-05-20",
        )
    })
}

/// RFC 3339 with an offset, or `HH:MM` of `date` in Asia/Shanghai; `24:00` ends the day.
pub fn moment(field: &str, date: NaiveDate, text: &str) -> Result<DateTime<Utc>, Invalid> {
    let of_day = || match text {
        "24:00" => Some(local_time::start_of(date) + TimeDelta::days(1)),
        _ => NaiveTime::parse_from_str(text, "%H:%M")
            .ok()
            .map(|time| local_time::instant_of(date, time)),
    };
    let full = DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|instant| instant.with_timezone(&Utc));
    full.or_else(of_day).ok_or_else(|| {
        Invalid::field(
            field,
            "time_invalid",
            "请填写“时:分”，例如 08:30，或带时区的完整时间，例如 2026-05-20T08:30:00+08:00",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_real_and_written_one_way() {
        assert!(day("from", "2028-02-29").is_ok());
        for text in [
            "2026-02-29",
            "2026-02-30",
            "+12026-02-01",
            "2026-2-01",
            "26-02-01",
            "",
            "2026-02-01 ",
        ] {
            assert!(day("from", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_shanghais_and_a_full_one_says_its_own() {
        let date = day("date", "2026-06-02").unwrap();
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (text, instant) in [
            ("08:30", "2026-06-02T00:30:00Z"),
            ("00:00", "2026-06-01T16:00:00Z"),
            ("24:00", "2026-06-02T16:00:00Z"),
            ("2026-06-02T08:30:00+08:00", "2026-06-02T00:30:00Z"),
            ("2026-06-02T00:30:00Z", "2026-06-02T00:30:00Z"),
        ] {
            assert_eq!(moment("start", date, text), Ok(utc(instant)), "{text}");
        }
        for text in [
            "",
            "8",
            "25:00",
            "08:30:00",
            "2026-06-02T08:30:00",
            "tomorrow",
        ] {
            assert!(moment("start", date, text).is_err(), "{text}");
        }
    }
}
