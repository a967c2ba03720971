//! Administrative districts, six-digit codes of GB/T 2260: two digits province, two prefecture, two
//! county.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistrictCode(u32);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a district code has six digits")]
pub struct InvalidDistrict;

impl DistrictCode {
    pub fn parse(text: &str) -> Result<Self, InvalidDistrict> {
        let digits = text.len() == 6
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && !text.starts_with('0');
        if !digits {
            return Err(InvalidDistrict);
        }
        text.parse().map(Self).map_err(|_| InvalidDistrict)
    }

    /// All codes inside this district, itself included: a county is itself, 370800 is
    /// 370800..=370899.
    pub fn span(self) -> RangeInclusive<u32> {
        let width = match self.0 {
            code if code % 10_000 == 0 => 9_999,
            code if code % 100 == 0 => 99,
            _ => 0,
        };
        self.0..=self.0 + width
    }

    /// The same as text bounds, for `BETWEEN` on a text column.
    pub fn text_bounds(self) -> (String, String) {
        let span = self.span();
        (span.start().to_string(), span.end().to_string())
    }

    /// The prefecture a county lies in; a prefecture is its own.
    pub const fn prefecture(self) -> Self {
        Self(self.0 - self.0 % 100)
    }

    /// The district around this one: a county's prefecture, a prefecture's province.
    pub const fn parent(self) -> Option<Self> {
        match self.0 {
            code if code % 10_000 == 0 => None,
            code if code % 100 == 0 => Some(Self(code - code % 10_000)),
            code => Some(Self(code - code % 100)),
        }
    }

    pub fn covers(self, other: Self) -> bool {
        self.span().contains(&other.0)
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl FromStr for DistrictCode {
    type Err = InvalidDistrict;
    fn from_str(text: &str) -> Result<Self, InvalidDistrict> {
        Self::parse(text)
    }
}

impl Serialize for DistrictCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DistrictCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefecture_covers_its_counties_and_nothing_else() {
        let code = |text| DistrictCode::parse(text).unwrap_or(DistrictCode(0));
        assert!(code("370800").covers(code("370811")));
        assert!(code("370000").covers(code("370811")));
        assert!(!code("370811").covers(code("370800")));
        assert!(!code("370811").covers(code("370812")));
        assert_eq!(code("370811").prefecture(), code("370800"));
        assert_eq!(code("370811").parent(), Some(code("370800")));
        assert_eq!(code("370800").parent(), Some(code("370000")));
        assert_eq!(code("370000").parent(), None);
        assert_eq!(DistrictCode::parse("37081"), Err(InvalidDistrict));
        assert_eq!(DistrictCode::parse("037081"), Err(InvalidDistrict));
    }
}
