//! The number on the card: district, year, and a count that only grows. Given once, never changed,
//! never reused (M5).

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::kernel::{DistrictCode, values::local_time};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberNumber(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a member number has sixteen digits or more")]
pub struct InvalidMemberNumber;

impl MemberNumber {
    /// `3708112026000042`: the forty-second member of Rencheng in 2026.
    pub fn compose(district: DistrictCode, year: i32, count: i64) -> Self {
        Self(format!("{district}{year:04}{count:06}"))
    }

    pub fn parse(text: &str) -> Result<Self, InvalidMemberNumber> {
        let valid =
            (16..=24).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidMemberNumber)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MemberNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a member keeps from the day of joining, whatever happens to the membership later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    pub member_no: MemberNumber,
    pub joined_on: NaiveDate,
}

impl Enrolment {
    pub fn new(district: DistrictCode, count: i64, now: DateTime<Utc>) -> Self {
        let joined_on = local_time::date_of(now);
        Self {
            member_no: MemberNumber::compose(district, joined_on.year(), count),
            joined_on,
        }
    }
}
