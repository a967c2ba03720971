//! The pick-up code by which a worker collects a parcel, and the throttle on guessing it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;

use crate::kernel::{Random, ports::random};

const DIGITS: usize = 6;
/// Wrong codes in a row before the code is locked.
pub const MAX_WRONG: u8 = 5;

/// How long a locked code answers nothing.
pub fn lock_time() -> TimeDelta {
    TimeDelta::minutes(15)
}

/// Six digits, each equally likely. Sealed at rest; shown to the worker alone.
#[derive(Clone, PartialEq, Eq)]
pub struct PickupCode(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a pick-up code has six digits")]
pub struct InvalidPickupCode;

impl PickupCode {
    pub fn draw(random: &dyn Random) -> Self {
        Self(random::digits(random, DIGITS))
    }

    pub fn parse(text: &str) -> Result<Self, InvalidPickupCode> {
        let valid = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPickupCode)
        }
    }

    /// The code in clear: for its holder and for sealing only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn matches(&self, typed: &str) -> bool {
        self.0.as_bytes().ct_eq(typed.trim().as_bytes()).into()
    }
}

impl fmt::Debug for PickupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PickupCode(******)")
    }
}

/// A code waiting for its holder, and the guesses made so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pickup {
    pub code: PickupCode,
    pub wrong: u8,
    pub locked_until: Option<DateTime<Utc>>,
}

/// What became of one typed code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guess {
    Right,
    /// Counted; `left` more tries before the lock.
    Wrong {
        pickup: Pickup,
        left: u8,
    },
    /// Not even compared.
    Locked {
        until: DateTime<Utc>,
    },
}

impl Pickup {
    pub fn new(code: PickupCode) -> Self {
        Self {
            code,
            wrong: 0,
            locked_until: None,
        }
    }

    /// A lock that has run out gives a fresh set of tries.
    pub fn guess(&self, typed: &str, now: DateTime<Utc>) -> Guess {
        let wrong = match self.locked_until {
            Some(until) if now < until => return Guess::Locked { until },
            Some(_) => 0,
            None => self.wrong,
        };
        if self.code.matches(typed) {
            return Guess::Right;
        }
        let wrong = wrong.saturating_add(1);
        let locked_until = (wrong >= MAX_WRONG).then(|| now + lock_time());
        let pickup = Self {
            code: self.code.clone(),
            wrong,
            locked_until,
        };
        Guess::Wrong {
            pickup,
            left: MAX_WRONG.saturating_sub(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn waiting() -> Pickup {
        Pickup::new(PickupCode::parse("204761").unwrap())
    }

    #[test]
    fn five_wrong_codes_lock_it_even_for_the_right_one_and_time_opens_it() {
        let mut pickup = waiting();
        for left in [4, 3, 2, 1, 0] {
            let Guess::Wrong {
                pickup: next,
                left: told,
            } = pickup.guess("000000", at(0))
            else {
                panic!("not counted")
            };
            assert_eq!(told, left);
            pickup = next;
        }
        assert_eq!(
            pickup.guess("204761", at(14)),
            Guess::Locked { until: at(15) }
        );
        assert_eq!(pickup.guess("204761", at(15)), Guess::Right);
        assert!(matches!(
            pickup.guess("000000", at(15)),
            Guess::Wrong { left: 4, .. }
        ));
    }

    #[test]
    fn a_code_is_six_digits_and_never_printed() {
        assert_eq!(PickupCode::parse("12345"), Err(InvalidPickupCode));
        assert_eq!(PickupCode::parse("12345a"), Err(InvalidPickupCode));
        assert!(!format!("{:?}", waiting()).contains("204761"));
        assert_eq!(waiting().guess(" 204761 ", at(0)), Guess::Right);
    }
}
