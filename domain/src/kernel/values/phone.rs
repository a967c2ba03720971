//! A mainland mobile number: eleven digits, `1` then `3`–`9`. Only ever taken from WeChat's own
//! authorisation.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::text::is_invisible;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a mainland mobile number")]
pub struct InvalidPhone;

impl Phone {
    /// Accepts what contact lists and tables add: `+86`, `0086` or `86` in front, blanks and hyphens
    /// of all kinds, full-width digits, direction marks. Any other country code is refused, however
    /// mainland the digits behind it look.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let text: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && !is_hyphen(*c) && !is_invisible(*c))
            .collect();
        let local = if let Some(foreign) = text.strip_prefix('+') {
            foreign.strip_prefix("86").ok_or(InvalidPhone)?
        } else if let Some(local) = text.strip_prefix("0086") {
            local
        } else if text.len() == 13 {
            text.strip_prefix("86").unwrap_or(&text)
        } else {
            &text
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

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("13712345678")]
    #[case("+86 137 1234 5678")]
    #[case("008613712345678")]
    #[case("8613712345678")]
    #[case("137-1234-5678")]
    #[case("１３７１２３４５６７８")]
    #[case("\u{202d}137\u{a0}1234\u{2011}5678\u{202c}")]
    fn a_mainland_number_is_read_however_it_was_copied(#[case] text: &str) {
        assert_eq!(Phone::parse(text), Ok(Phone("13712345678".to_owned())));
    }

    #[rstest]
    #[case::of_another_country("+13712345678")]
    #[case::of_another_country_with_zeros("0013712345678")]
    #[case::too_short("1371234567")]
    #[case::too_long("137123456789")]
    #[case::landline("053712345678")]
    #[case::two_signs("++8613712345678")]
    #[case::letters("1371234567八")]
    fn nothing_else_is(#[case] text: &str) {
        assert_eq!(Phone::parse(text), Err(InvalidPhone));
    }
}
