//! The membership card's short-lived code: `NJC1.<member number>.<expiry>.<mac>`. It proves,
//! without asking the database, that this server showed this number a moment ago; whether the
//! member is still one is asked live.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::membership::standing::member_number::MemberNumber;

/// How long a code on the screen is good for.
pub const VALID_SECONDS: i64 = 120;
const PREFIX: &str = "NJC1";
const MAC_BYTES: usize = 16;

/// Signs and reads card codes under a key of their own.
pub struct CardSigner {
    key: Zeroizing<[u8; 32]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCode {
    pub text: String,
    pub expires_at: DateTime<Utc>,
}

impl CardSigner {
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key: Zeroizing::new(key),
        }
    }

    pub fn issue(&self, number: &MemberNumber, now: DateTime<Utc>) -> CardCode {
        let expires_at = DateTime::from_timestamp(now.timestamp() + VALID_SECONDS, 0)
            .unwrap_or(now + TimeDelta::seconds(VALID_SECONDS));
        let signed = format!("{PREFIX}.{number}.{}", expires_at.timestamp());
        let mac = URL_SAFE_NO_PAD.encode(self.mac(&signed));
        CardCode {
            text: format!("{signed}.{mac}"),
            expires_at,
        }
    }

    /// `None` for anything forged, damaged or out of time.
    pub fn read(&self, text: &str, now: DateTime<Utc>) -> Option<MemberNumber> {
        let (signed, mac) = text.rsplit_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        if !bool::from(self.mac(signed).ct_eq(mac.as_slice())) {
            return None;
        }
        let mut parts = signed.split('.');
        let (PREFIX, number, expiry) = (parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        (now.timestamp() < expiry.parse().ok()?)
            .then(|| MemberNumber::parse(number).ok())
            .flatten()
    }

    fn mac(&self, signed: &str) -> [u8; MAC_BYTES] {
        // HMAC takes keys of any length, so the other arm is never reached.
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.key[..])
            .unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Default::default()));
        mac.update(b"membership card\0");
        mac.update(signed.as_bytes());
        let full = mac.finalize().into_bytes();
        std::array::from_fn(|n| full[n])
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn number() -> MemberNumber {
        MemberNumber::parse("3708112026000042").unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_code_reads_back_until_it_expires() {
        let signer = CardSigner::new([7; 32]);
        let code = signer.issue(&number(), at(0));
        assert_eq!(
            signer.read(&code.text, at(VALID_SECONDS - 1)),
            Some(number())
        );
        assert_eq!(signer.read(&code.text, at(VALID_SECONDS)), None);
    }

    #[rstest]
    #[case::another_number(|text: &str| text.replace("000042", "000043"))]
    #[case::longer_life(|text: &str| text.replace(".120.", ".999."))]
    #[case::no_mac(|text: &str| text.rsplit_once('.').unwrap().0.to_owned())]
    #[case::empty_mac(|text: &str| format!("{}.", text.rsplit_once('.').unwrap().0))]
    #[case::nonsense(|_: &str| "....".to_owned())]
    fn a_forged_code_is_refused(#[case] forge: fn(&str) -> String) {
        let signer = CardSigner::new([7; 32]);
        let code = signer.issue(&number(), at(0));
        assert_eq!(signer.read(&forge(&code.text), at(1)), None);
        assert_eq!(CardSigner::new([8; 32]).read(&code.text, at(1)), None);
    }
}
