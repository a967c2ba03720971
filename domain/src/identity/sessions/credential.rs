//! What a back-office account signs in with: a password, and a second factor once enrolled.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    identity::accounts::account::Username,
    kernel::{Invalid, id::AccountId},
};

/// Wrong tries on one user name before it is locked.
pub const MAX_FAILURES: u32 = 5;
/// Wrong tries further apart than this do not add up.
pub const FAILURE_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How long a lock lasts.
pub const LOCK: TimeDelta = TimeDelta::minutes(15);

/// The stored credential.
#[derive(Debug, Clone)]
pub struct Credential {
    pub account_id: AccountId,
    pub password: PasswordHash,
    pub second_factor: SecondFactor,
}

/// A password hash in PHC form. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// RFC 6238 secret of an account.
#[derive(Debug, Clone)]
pub enum SecondFactor {
    None,
    /// Shown to the holder, not yet proved to be in their phone.
    Pending {
        secret: SecretString,
        offered_at: DateTime<Utc>,
    },
    /// Asked at every sign-in.
    Confirmed(SecretString),
}

/// One more wrong try, as the database counted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// How many now, this one included.
    pub count: u32,
    pub locked_until: Option<DateTime<Utc>>,
}

/// At least 12 characters, at most 128, and not the user name.
pub fn check_password(username: &Username, password: &SecretString) -> Result<(), Invalid> {
    let text = password.expose_secret();
    if !(12..=128).contains(&text.chars().count()) {
        return Err(Invalid::field(
            "password",
            "password_length",
            "密码长度应为 12 到 128 位",
        ));
    }
    if text.trim().eq_ignore_ascii_case(username.as_str()) {
        return Err(Invalid::field(
            "password",
            "password_is_username",
            "密码不能与用户名相同，请换一个",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("correct horse", None)]
    #[case("十二个汉字也可以当密码用", None)]
    #[case("短密码", Some("password_length"))]
    #[case("elevenchars", Some("password_length"))]
    #[case("the-cadre-of-rencheng", Some("password_is_username"))]
    #[case("THE-cadre-of-Rencheng ", Some("password_is_username"))]
    fn weak_passwords_are_refused(#[case] password: &str, #[case] code: Option<&str>) {
        let username = Username::parse("the-cadre-of-rencheng").unwrap();
        let checked = check_password(&username, &SecretString::from(password));
        assert_eq!(checked.err().map(|invalid| invalid.errors[0].code), code);
    }

    #[test]
    fn a_hash_is_not_shown() {
        assert!(
            !format!("{:?}", PasswordHash::new("$argon2id$secret".to_owned())).contains("secret")
        );
    }
}
