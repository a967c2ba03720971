//! Business days and clock times are Asia/Shanghai's, half-open: a day is `[00:00, 24:00)`.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Asia::Shanghai;

/// The business day at an instant.
pub fn date_of(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Shanghai).date_naive()
}

/// The wall clock at an instant.
pub fn time_of(instant: DateTime<Utc>) -> NaiveTime {
    instant.with_timezone(&Shanghai).time()
}

/// The instant of a wall-clock time. Shanghai has had no clock changes since 1991; the earliest
/// reading is taken.
pub fn instant_of(date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = date.and_time(time);
    Shanghai.from_local_datetime(&local).earliest().map_or_else(
        || local.and_utc() - TimeDelta::hours(8),
        |instant| instant.with_timezone(&Utc),
    )
}

/// The first instant of a business day.
pub fn start_of(date: NaiveDate) -> DateTime<Utc> {
    instant_of(date, NaiveTime::MIN)
}

/// `from` moved on by working days (Monday to Friday), same wall-clock time.
pub fn after_working_days(from: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let mut date = date_of(from);
    let mut left = days;
    while left > 0 {
        date += TimeDelta::days(1);
        if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    instant_of(date, time_of(from))
}

/// The instant with Shanghai's offset, `+08:00`.
pub fn on_the_wall(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&Shanghai).fixed_offset()
}

/// RFC 3339 with `+08:00`, whole seconds: how times go out on the wire.
pub fn rfc3339(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&Shanghai)
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// `6月5日`.
pub fn month_and_day(instant: DateTime<Utc>) -> String {
    date_of(instant).format("%-m月%-d日").to_string()
}

/// `18:00`.
pub fn clock_time(instant: DateTime<Utc>) -> String {
    time_of(instant).format("%H:%M").to_string()
}

/// `06月05日 18:00`.
pub fn day_and_time(instant: DateTime<Utc>) -> String {
    let day = date_of(instant).format("%m月%d日");
    format!("{day} {}", clock_time(instant))
}

/// `2026年06月05日`.
pub fn full_day(instant: DateTime<Utc>) -> String {
    date_of(instant).format("%Y年%m月%d日").to_string()
}

/// `2026 年 6 月 5 日`, to be read with times beside it.
pub fn spaced_day(date: NaiveDate) -> String {
    date.format("%Y 年 %-m 月 %-d 日").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn the_day_turns_at_sixteen_hundred_utc() {
        assert_eq!(
            date_of(utc("2026-05-31T15:59:59Z")).to_string(),
            "2026-05-31"
        );
        assert_eq!(
            date_of(utc("2026-05-31T16:00:00Z")).to_string(),
            "2026-06-01"
        );
        assert_eq!(
            start_of(date_of(utc("2026-05-31T16:00:00Z"))),
            utc("2026-05-31T16:00:00Z")
        );
        assert_eq!(
            rfc3339(utc("2026-05-31T16:00:00Z")),
            "2026-06-01T00:00:00+08:00"
        );
    }

    #[test]
    fn people_read_shanghais_days_and_times() {
        let evening = utc("2026-06-04T16:05:00Z");
        assert_eq!(month_and_day(evening), "6月5日");
        assert_eq!(clock_time(evening), "00:05");
        assert_eq!(day_and_time(evening), "06月05日 00:05");
        assert_eq!(full_day(evening), "2026年06月05日");
        assert_eq!(spaced_day(date_of(evening)), "2026 年 6 月 5 日");
    }

    #[test]
    fn working_days_skip_the_weekend() {
        // Friday 5 June 2026 plus five working days is Friday the 12th.
        assert_eq!(
            after_working_days(utc("2026-06-05T02:00:00Z"), 5),
            utc("2026-06-12T02:00:00Z")
        );
    }
}
