//! Opening hours (invariant S1): a weekly pattern and exceptions by date, in Asia/Shanghai,
//! half-open.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::{Invalid, values::local_time};

const MINUTES_OF_DAY: u16 = 24 * 60;

/// A stretch of one day in minutes after midnight, `[opens, closes)`; 1440 is midnight at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    opens_minute: u16,
    closes_minute: u16,
}

impl Opening {
    pub const ALL_DAY: Self = Self {
        opens_minute: 0,
        closes_minute: MINUTES_OF_DAY,
    };

    /// From `HH:MM` to `HH:MM`; the end may be `24:00`.
    pub fn parse(field: &str, from: &str, to: &str) -> Result<Self, Invalid> {
        match (minute(from), minute(to)) {
            (Some(opens_minute), Some(closes_minute)) if opens_minute < closes_minute => Ok(Self {
                opens_minute,
                closes_minute,
            }),
            _ => Err(Invalid::field(
                field,
                "hours_invalid",
                "请按 08:00 这样的格式填写，结束时间应晚于开始时间",
            )),
        }
    }

    pub fn contains(self, minute: u16) -> bool {
        (self.opens_minute..self.closes_minute).contains(&minute)
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.opens_minute < other.closes_minute && other.opens_minute < self.closes_minute
    }

    /// The stretch that lies in both.
    pub fn shared_with(self, other: Self) -> Option<Self> {
        self.overlaps(other).then(|| Self {
            opens_minute: self.opens_minute.max(other.opens_minute),
            closes_minute: self.closes_minute.min(other.closes_minute),
        })
    }

    /// First minute and the one after the last.
    pub const fn minutes(self) -> (u16, u16) {
        (self.opens_minute, self.closes_minute)
    }

    pub fn from_text(self) -> String {
        clock_text(self.opens_minute)
    }

    pub fn to_text(self) -> String {
        clock_text(self.closes_minute)
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= MINUTES_OF_DAY).then_some(total)
}

fn clock_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// One date that differs; no openings means closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub date: NaiveDate,
    pub openings: Vec<Opening>,
}

/// Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningHours {
    pub weekly: [Vec<Opening>; 7],
    pub exceptions: Vec<Exception>,
}

impl OpeningHours {
    /// The same openings on every day of the week.
    pub fn daily(opening: Opening) -> Self {
        Self {
            weekly: std::array::from_fn(|_| vec![opening]),
            exceptions: Vec::new(),
        }
    }

    pub fn on(&self, date: NaiveDate) -> &[Opening] {
        match self
            .exceptions
            .iter()
            .find(|exception| exception.date == date)
        {
            Some(exception) => &exception.openings,
            None => self
                .weekly
                .get(date.weekday().num_days_from_monday() as usize)
                .map_or(&[], Vec::as_slice),
        }
    }

    pub fn is_open_at(&self, instant: DateTime<Utc>) -> bool {
        let time = local_time::time_of(instant);
        let minute = u16::try_from(time.hour() * 60 + time.minute()).unwrap_or_default();
        self.on(local_time::date_of(instant))
            .iter()
            .any(|opening| opening.contains(minute))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn hours() -> OpeningHours {
        let opening = Opening::parse("hours", "08:00", "20:00").unwrap();
        let date = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
        OpeningHours {
            exceptions: vec![Exception {
                date,
                openings: vec![],
            }],
            ..OpeningHours::daily(opening)
        }
    }

    #[rstest]
    #[case::opens("2026-09-30T08:00:00+08:00", true)]
    #[case::before("2026-09-30T07:59:59+08:00", false)]
    #[case::closes("2026-09-30T20:00:00+08:00", false)]
    #[case::last_minute("2026-09-30T19:59:59+08:00", true)]
    #[case::holiday("2026-10-01T12:00:00+08:00", false)]
    #[case::utc_is_read_in_shanghai("2026-09-30T02:00:00Z", true)]
    fn open_now_follows_the_clock_in_shanghai(
        #[case] at: DateTime<chrono::FixedOffset>,
        #[case] open: bool,
    ) {
        assert_eq!(hours().is_open_at(at.to_utc()), open);
    }

    #[rstest]
    #[case("20:00", "08:00")]
    #[case("8:00", "20:00")]
    #[case("08:60", "20:00")]
    #[case("08:00", "24:01")]
    #[case("08:00", "08:00")]
    fn nonsense_is_refused(#[case] from: &str, #[case] to: &str) {
        assert!(Opening::parse("hours", from, to).is_err());
    }
}
