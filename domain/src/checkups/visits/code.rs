//! The code a phone shows at the van (invariant B7): signed, valid for a quarter of an hour, bound
//! to one person and one session.
//!
//! Text: `NC1.` and URL-safe base64 of `booking (16) | issued at, seconds (8, big-endian) | mac
//! (16)`, where `mac` is the first half of HMAC-SHA-256 over a label, the booking, its person, its
//! session and the time. Whoever knows a booking's id but not the key cannot make one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    checkups::error::CheckupError,
    kernel::id::{BookingId, CheckupSessionId, PersonId},
};

/// How long a code can be scanned after the phone fetched it.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How far the van's clock may be ahead of or behind ours.
pub const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

const PREFIX: &str = "NC1.";
const LABEL: &[u8] = b"niangjia check-in code 1\0";
const MAC: usize = 16;

/// A code and when it stops working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInCode {
    pub text: String,
    pub expires_at: DateTime<Utc>,
}

/// Whom a code is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeHolder {
    pub booking_id: BookingId,
    pub person_id: PersonId,
    pub session_id: CheckupSessionId,
}

/// What a code says; nothing of it is true before [`CheckInCodes::verify`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    pub booking_id: BookingId,
    issued_at: i64,
    mac: [u8; MAC],
}

/// Makes and verifies codes with one key.
#[derive(Clone)]
pub struct CheckInCodes {
    key: Zeroizing<[u8; 32]>,
}

impl CheckInCodes {
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key }
    }

    pub fn issue(&self, bearer: &CodeHolder, now: DateTime<Utc>) -> CheckInCode {
        let issued_at = now.timestamp();
        let mut bytes = bearer.booking_id.uuid().as_bytes().to_vec();
        bytes.extend_from_slice(&issued_at.to_be_bytes());
        bytes.extend_from_slice(&self.mac(bearer, issued_at));
        CheckInCode {
            text: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)),
            expires_at: now + LIFETIME,
        }
    }

    /// Whether the code is ours for this bearer. Its time is another question:
    /// [`Claimed::is_fresh_at`].
    pub fn verify(&self, claimed: &Claimed, bearer: &CodeHolder) -> Result<(), CheckupError> {
        let genuine: bool = self
            .mac(bearer, claimed.issued_at)
            .ct_eq(&claimed.mac)
            .into();
        if genuine {
            Ok(())
        } else {
            Err(CheckupError::CodeInvalid)
        }
    }

    fn mac(&self, bearer: &CodeHolder, issued_at: i64) -> [u8; MAC] {
        // HMAC takes keys of any length, so the other arm is never reached.
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.key[..])
            .unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Default::default()));
        mac.update(LABEL);
        for id in [
            bearer.booking_id.uuid(),
            bearer.person_id.uuid(),
            bearer.session_id.uuid(),
        ] {
            mac.update(id.as_bytes());
        }
        mac.update(&issued_at.to_be_bytes());
        let mut half = [0; MAC];
        half.copy_from_slice(&mac.finalize().into_bytes()[..MAC]);
        half
    }
}

impl Claimed {
    pub fn read(text: &str) -> Result<Self, CheckupError> {
        let bytes = text
            .trim()
            .strip_prefix(PREFIX)
            .and_then(|body| URL_SAFE_NO_PAD.decode(body).ok());
        bytes
            .as_deref()
            .and_then(Self::split)
            .ok_or(CheckupError::CodeInvalid)
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let (booking, rest) = bytes.split_first_chunk::<16>()?;
        let (issued_at, mac) = rest.split_first_chunk::<8>()?;
        Some(Self {
            booking_id: BookingId::from_uuid(Uuid::from_bytes(*booking)),
            issued_at: i64::from_be_bytes(*issued_at),
            mac: mac.try_into().ok()?,
        })
    }

    /// Whether the phone could have shown it at the time of the scan.
    pub fn is_fresh_at(&self, scanned_at: DateTime<Utc>) -> bool {
        let age = scanned_at.timestamp().saturating_sub(self.issued_at);
        (-CLOCK_TOLERANCE.num_seconds()..LIFETIME.num_seconds()).contains(&age)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::checkups::fixtures::{booking, utc};

    fn codes(byte: u8) -> CheckInCodes {
        CheckInCodes::new(Zeroizing::new([byte; 32]))
    }

    fn issued() -> Claimed {
        Claimed::read(
            &codes(7)
                .issue(&booking().bearer(), utc("2026-06-02T01:00:00Z"))
                .text,
        )
        .unwrap()
    }

    #[test]
    fn a_code_is_bound_to_booking_person_session_and_key() {
        let (claimed, bearer, other) = (issued(), booking().bearer(), Uuid::from_u128(99));
        assert_eq!(claimed.booking_id, bearer.booking_id);
        assert!(codes(7).verify(&claimed, &bearer).is_ok());
        assert!(codes(8).verify(&claimed, &bearer).is_err());
        for foreign in [
            CodeHolder {
                booking_id: BookingId::from_uuid(other),
                ..bearer
            },
            CodeHolder {
                person_id: PersonId::from_uuid(other),
                ..bearer
            },
            CodeHolder {
                session_id: CheckupSessionId::from_uuid(other),
                ..bearer
            },
        ] {
            assert!(matches!(
                codes(7).verify(&claimed, &foreign),
                Err(CheckupError::CodeInvalid)
            ));
        }
    }

    #[test]
    fn a_later_time_cannot_be_written_into_a_code() {
        let forged = Claimed {
            issued_at: utc("2026-06-02T09:00:00Z").timestamp(),
            ..issued()
        };
        assert!(codes(7).verify(&forged, &booking().bearer()).is_err());
    }

    #[rstest]
    #[case::clock_behind("2026-06-02T00:55:00Z", true)]
    #[case::far_behind("2026-06-02T00:54:59Z", false)]
    #[case::last_second("2026-06-02T01:14:59Z", true)]
    #[case::expired("2026-06-02T01:15:00Z", false)]
    fn a_code_lives_a_quarter_of_an_hour(#[case] at: &str, #[case] fresh: bool) {
        assert_eq!(issued().is_fresh_at(utc(at)), fresh);
    }

    #[rstest]
    #[case("")]
    #[case("NC1.")]
    #[case("NC1.****")]
    #[case("NC2.AAAA")]
    #[case(
        "NC1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )]
    fn what_is_no_code_is_refused(#[case] text: &str) {
        assert!(matches!(
            Claimed::read(text),
            Err(CheckupError::CodeInvalid)
        ));
    }
}
