//! A mainland mobile number: eleven digits, `1` then `3`–`9`. Only ever taken from WeChat's own
//! authorisation.

use std::fmt;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a mainland mobile number")]
pub struct InvalidPhone;

impl Phone {
    /// Accepts an optional `+86` or `86` in front.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let digits = text.trim().trim_start_matches('+');
        let local = if digits.len() == 13 {
            digits.strip_prefix("86").unwrap_or(digits)
        } else {
            digits
        };
        let bytes = local.as_bytes();
        let valid = bytes.len() == 11
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes.first() == Some(&b'1')
            && bytes
                .get(1)
                .is_some_and(|second| (b'3'..=b'9').contains(second));
        if valid {
            Ok(Self(local.to_owned()))
        } else {
            Err(InvalidPhone)
        }
    }

    /// The number in clear: for sealing and indexing only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `138****5678`.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}
