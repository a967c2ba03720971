//! Codes of authenticator apps (RFC 6238, SHA-1, six digits, 30 s: what the apps understand).
//! Unlike the library's own check this one tells which time step a code belongs to, so that a step
//! can be used up.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{Username, sessions::ports::OneTimePasswords},
    kernel::{Random, ports::random},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Secret, TOTP};

const STEP_SECONDS: u64 = 30;
const DIGITS: usize = 6;

pub struct AuthenticatorApp {
    random: Arc<dyn Random>,
}

impl AuthenticatorApp {
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self { random }
    }
}

impl OneTimePasswords for AuthenticatorApp {
    fn new_secret(&self) -> SecretString {
        let secret = Secret::Raw(random::bytes::<20>(&*self.random).to_vec());
        SecretString::from(secret.to_encoded().to_string())
    }

    fn step_of(&self, secret: &SecretString, code: &str, now: DateTime<Utc>) -> Option<u64> {
        let secret = Secret::Encoded(secret.expose_secret().to_owned())
            .to_bytes()
            .ok()?;
        let totp = TOTP::new(Algorithm::SHA1, DIGITS, 0, STEP_SECONDS, secret).ok()?;
        let current = u64::try_from(now.timestamp()).ok()? / STEP_SECONDS;
        [current, current.saturating_sub(1), current + 1]
            .into_iter()
            .find(|step| {
                let expected = totp.generate(step * STEP_SECONDS);
                expected.as_bytes().ct_eq(code.trim().as_bytes()).into()
            })
    }

    fn enrolment_url(&self, secret: &SecretString, username: &Username) -> SecretString {
        // User names need no escaping.
        SecretString::from(format!(
            "otpauth://totp/Niangjia:{username}?secret={}&issuer=Niangjia&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
            secret.expose_secret()
        ))
    }
}

impl fmt::Debug for AuthenticatorApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatorApp").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    /// RFC 6238, appendix B: the ASCII secret "12345678901234567890", its codes cut to six digits.
    const RFC_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn the_published_codes_belong_to_their_steps() {
        let app = AuthenticatorApp::new(Arc::new(SystemRandom));
        let secret = SecretString::from(RFC_SECRET);
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            let step = u64::try_from(second).unwrap() / 30;
            assert_eq!(app.step_of(&secret, code, at(second)), Some(step));
            assert_eq!(
                app.step_of(&secret, code, at(second + 30)),
                Some(step),
                "one step late"
            );
            assert_eq!(
                app.step_of(&secret, code, at(second - 30)),
                Some(step),
                "one step early"
            );
            assert_eq!(
                app.step_of(&secret, code, at(second + 60)),
                None,
                "two steps late"
            );
        }
        for code in ["", "28708", "2870820", "abcdef", "２８７０８２"] {
            assert_eq!(app.step_of(&secret, code, at(59)), None, "{code:?}");
        }
    }

    #[test]
    fn secrets_are_new_and_urls_carry_them() {
        let app = AuthenticatorApp::new(Arc::new(SystemRandom));
        let (one, two) = (app.new_secret(), app.new_secret());
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert_eq!(one.expose_secret().len(), 32);
        let url = app.enrolment_url(&one, &Username::parse("cadre-1").unwrap());
        assert!(
            url.expose_secret()
                .starts_with("otpauth://totp/Niangjia:cadre-1?secret=")
        );
        assert!(url.expose_secret().contains(one.expose_secret()));
    }
}
