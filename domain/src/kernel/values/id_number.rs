//! Resident ID numbers, GB 11643-1999: six digits place, eight digits birth date, three digits
//! order, one check character (ISO 7064 MOD 11-2). Normalised before anything else looks at it.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::text::is_invisible;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: [u8; 11] = *b"10X98765432";

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdNumber {
    text: String,
    birth_date: NaiveDate,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum InvalidIdNumber {
    #[error("an ID number has eighteen characters")]
    Length,
    #[error("seventeen digits and a digit or X")]
    Characters,
    #[error("no such birth date")]
    BirthDate,
    #[error("check character does not match")]
    Checksum,
}

impl IdNumber {
    /// Full-width digits, lower-case x, spaces, and what tables and chats add (apostrophes, direction
    /// marks) are normalised; fifteen-digit numbers (void since 2013) are refused.
    pub fn parse(text: &str) -> Result<Self, InvalidIdNumber> {
        let text: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !matches!(c, '\'' | '‘' | '’'))
            .collect::<String>()
            .to_ascii_uppercase();
        let bytes = text.as_bytes();
        if text.chars().count() != 18 {
            return Err(InvalidIdNumber::Length);
        }
        let (Some(body), Some(last)) = (bytes.get(..17), bytes.get(17)) else {
            return Err(InvalidIdNumber::Characters);
        };
        let shaped = bytes.len() == 18
            && body.iter().all(u8::is_ascii_digit)
            && (last.is_ascii_digit() || *last == b'X')
            && body.first() != Some(&b'0');
        if !shaped {
            return Err(InvalidIdNumber::Characters);
        }
        let birth_date = birth_date(&text).ok_or(InvalidIdNumber::BirthDate)?;
        let sum: u32 = body
            .iter()
            .zip(WEIGHTS)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        if CHECK.get((sum % 11) as usize) != Some(last) {
            return Err(InvalidIdNumber::Checksum);
        }
        Ok(Self { text, birth_date })
    }

    pub fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    /// Full years on `today`; the birthday itself counts.
    pub fn age_on(&self, today: NaiveDate) -> i32 {
        let had_birthday =
            (today.month(), today.day()) >= (self.birth_date.month(), self.birth_date.day());
        today.year() - self.birth_date.year() - i32::from(!had_birthday)
    }

    /// The number in clear: for sealing and indexing only.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// `370***********1234`.
    pub fn masked(&self) -> String {
        format!("{}***********{}", &self.text[..3], &self.text[14..])
    }
}

fn birth_date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text.get(6..14)?, "%Y%m%d").ok()?;
    (date.year() >= 1900).then_some(date)
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // 11010519491231002X is the standard's own published example.
    #[rstest]
    #[case("11010519491231002X", Ok("110***********002X"))]
    #[case("11010519491231002x", Ok("110***********002X"))]
    #[case(" 110105 19491231 002X ", Ok("110***********002X"))]
    #[case("11010519491231002X", Ok("110***********002X"))]
    #[case("'11010519491231002X", Ok("110***********002X"))]
    #[case("\u{202d}11010519491231002X\u{202c}", Ok("110***********002X"))]
    #[case("110105194912310021", Err(InvalidIdNumber::Checksum))]
    #[case("11010519490230002X", Err(InvalidIdNumber::BirthDate))]
    #[case("110105491231002", Err(InvalidIdNumber::Length))]
    #[case("1101051949123100XX", Err(InvalidIdNumber::Characters))]
    #[case("甲1010519491231002X", Err(InvalidIdNumber::Characters))]
    fn numbers_are_normalised_and_checked(
        #[case] text: &str,
        #[case] expected: Result<&str, InvalidIdNumber>,
    ) {
        assert_eq!(
            IdNumber::parse(text).map(|id| id.masked()),
            expected.map(str::to_owned)
        );
    }

    #[test]
    fn age_counts_the_birthday_itself() {
        let Ok(id) = IdNumber::parse("11010519491231002X") else {
            panic!("the standard's example is valid")
        };
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default();
        assert_eq!(id.age_on(day(1965, 12, 30)), 15);
        assert_eq!(id.age_on(day(1965, 12, 31)), 16);
    }
}
