//! Names of objects. A key that exists is safe as a file path, in a URL and in a signature without
//! any escaping.

use std::fmt;

use crate::kernel::{Random, ports::random};

/// `folder/name.ext`: lower-case letters, digits, `-`, `_`, `.` and `/`; no empty segment, none
/// starting with a dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey(String);

/// The text cannot be an object key of ours.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an object key")]
pub struct InvalidObjectKey;

impl ObjectKey {
    pub fn parse(text: &str) -> Result<Self, InvalidObjectKey> {
        let valid = text.len() <= 200 && text.split('/').all(is_segment);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidObjectKey)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && !segment.starts_with('.')
        && segment
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
}

/// The random part that all objects of one upload share: 128 bits, so that keys cannot be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectToken(String);

impl ObjectToken {
    pub fn generate(random: &dyn Random) -> Self {
        Self(hex::encode(random::bytes::<16>(random)))
    }

    pub fn parse(text: &str) -> Result<Self, InvalidObjectKey> {
        let valid = text.len() == 32
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'f' | b'0'..=b'9'));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidObjectKey)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the phone posts; everything under `tmp/` may be swept.
    pub fn original(&self) -> ObjectKey {
        ObjectKey(format!("tmp/{}", self.0))
    }

    /// The photo that is shown.
    pub fn photo(&self) -> ObjectKey {
        ObjectKey(format!("photos/{}.jpg", self.0))
    }

    pub fn thumbnail(&self) -> ObjectKey {
        ObjectKey(format!("thumbnails/{}.jpg", self.0))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("tmp/0a")]
    #[case("photos/ab-c_d.jpg")]
    fn keys_are_plain(#[case] text: &str) {
        assert_eq!(ObjectKey::parse(text).unwrap().as_str(), text);
    }

    #[rstest]
    #[case("")]
    #[case("/etc/passwd")]
    #[case("tmp//a")]
    #[case("tmp/")]
    #[case("tmp/../a")]
    #[case("./a")]
    #[case("tmp/.hidden")]
    #[case("tmp/%2e%2e/a")]
    #[case("tmp\\a")]
    #[case("tmp/A")]
    #[case("tmp/心愿")]
    #[case("tmp/a\0")]
    fn paths_that_climb_or_need_escaping_are_refused(#[case] text: &str) {
        assert_eq!(ObjectKey::parse(text), Err(InvalidObjectKey));
    }

    #[test]
    fn keys_of_a_token_are_keys() {
        let token = ObjectToken::parse("00112233445566778899aabbccddeeff").unwrap();
        for key in [token.original(), token.photo(), token.thumbnail()] {
            assert_eq!(ObjectKey::parse(key.as_str()), Ok(key));
        }
        assert!(ObjectToken::parse("../../etc/passwd").is_err());
    }
}
