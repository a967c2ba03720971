//! Money is whole fen (1/100 yuan) in 64 bits; never a float, never negative.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Fen(i64);

impl Fen {
    pub const ZERO: Self = Self(0);

    /// `None` for a negative amount.
    pub const fn new(fen: i64) -> Option<Self> {
        if fen < 0 { None } else { Some(Self(fen)) }
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    pub fn checked_mul(self, count: i64) -> Option<Self> {
        self.0.checked_mul(count).and_then(Self::new)
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub fn saturating_sub(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }

    /// In yuan with two decimals, as people read it.
    pub fn yuan(self) -> String {
        yuan(self.0)
    }
}

/// Fen that may be owed back, in yuan with two decimals.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?)
            .ok_or_else(|| serde::de::Error::custom("negative amount"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0.00")]
    #[case(5, "0.05")]
    #[case(1_500, "15.00")]
    #[case(-5, "-0.05")]
    #[case(-1_205, "-12.05")]
    #[case(i64::MIN, "-92233720368547758.08")]
    fn yuan_have_two_decimals(#[case] fen: i64, #[case] text: &str) {
        assert_eq!(yuan(fen), text);
        assert!(Fen::new(fen).is_none_or(|fen| fen.yuan() == text));
    }
}
