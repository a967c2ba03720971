//! The holder's rotating code (invariant V6): in the manner of RFC 6238, with a secret per voucher
//! and phone, so that knowing a voucher's id helps nobody. The format and its test vectors are in
//! `README.md` beside this file.
//!
//! Pure: phones, stations and the server compute the same.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeZone, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::day_token::DayToken;
use crate::kernel::{Random, id::VoucherId, ports::random};

pub const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one that are still good.
const TOLERATED_STEPS: i64 = 1;
const VERSION: &str = "NJ1";
/// The same with a token behind it, for stations without a network.
pub(crate) const OFFLINE_VERSION: &str = "NJ2";
const MAC_BYTES: usize = 12;
const SHORT_CODE_DIGITS: usize = 8;

/// The device number of codes that the server computes for phones which prefer it.
pub const SERVER_DEVICE: u16 = 0;

/// 32 random bytes that a phone is told once.
#[derive(Clone)]
pub struct CodeSecret(pub(super) Zeroizing<[u8; 32]>);

impl CodeSecret {
    pub fn generate(random: &dyn Random) -> Self {
        Self(Zeroizing::new(random::bytes(random)))
    }

    /// Base64url: how it is delivered, and what is sealed at rest.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[..])
    }

    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }
}

impl fmt::Debug for CodeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeSecret")
    }
}

/// One 30-second step of one device's code; accepted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeStep {
    pub voucher_id: VoucherId,
    pub device_no: u16,
    pub step: i64,
}

/// How a step stands to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Current,
    Past,
    /// The phone's clock is ahead.
    Future,
}

impl CodeStep {
    pub fn at(voucher_id: VoucherId, device_no: u16, instant: DateTime<Utc>) -> Self {
        Self {
            voucher_id,
            device_no,
            step: step_of(instant),
        }
    }

    /// The text of the QR code.
    pub fn payload(&self, secret: &CodeSecret) -> String {
        format!("{VERSION}.{}", self.parts(secret))
    }

    /// Voucher, device, step, authentication code.
    pub(super) fn parts(&self, secret: &CodeSecret) -> String {
        let voucher = URL_SAFE_NO_PAD.encode(self.voucher_id.uuid().as_bytes());
        let mac = URL_SAFE_NO_PAD.encode(self.mac(secret));
        format!("{voucher}.{}.{}.{mac}", self.device_no, self.step)
    }

    pub fn freshness(&self, instant: DateTime<Utc>) -> Freshness {
        match self.step.saturating_sub(step_of(instant)) {
            behind if behind < -TOLERATED_STEPS => Freshness::Past,
            ahead if ahead > TOLERATED_STEPS => Freshness::Future,
            _ => Freshness::Current,
        }
    }

    /// The last instant at which the code is taken, by a clock that is right.
    pub fn expires_at(&self) -> DateTime<Utc> {
        let end = (self.step + 1 + TOLERATED_STEPS).saturating_mul(STEP_SECONDS);
        Utc.timestamp_opt(end, 0)
            .single()
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn mac(&self, secret: &CodeSecret) -> [u8; MAC_BYTES] {
        // HMAC takes keys of any length, so the other arm is never reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret.0[..]) else {
            return [0; MAC_BYTES];
        };
        mac.update(VERSION.as_bytes());
        mac.update(self.voucher_id.uuid().as_bytes());
        mac.update(&self.device_no.to_be_bytes());
        mac.update(&self.step.to_be_bytes());
        let full = mac.finalize().into_bytes();
        std::array::from_fn(|index| full[index])
    }
}

/// The number of the step an instant falls into.
pub fn step_of(instant: DateTime<Utc>) -> i64 {
    instant.timestamp().div_euclid(STEP_SECONDS)
}

/// A payload whose authentication code is still to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub step: CodeStep,
    mac: [u8; MAC_BYTES],
}

impl Candidate {
    /// In constant time.
    pub fn is_authentic(&self, secret: &CodeSecret) -> bool {
        self.step.mac(secret).ct_eq(&self.mac).into()
    }
}

/// What staff scanned, or typed when the camera was dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannedCode {
    Payload(Candidate),
    Short(String),
}

impl ScannedCode {
    /// `None`: neither form of a code.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        if digits.len() == SHORT_CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Short(digits));
        }
        candidate(text.trim()).map(Self::Payload)
    }
}

fn candidate(text: &str) -> Option<Candidate> {
    let mut parts = text.split('.');
    let mut next = || parts.next();
    let (version, voucher, device, step, mac) = (next()?, next()?, next()?, next()?, next()?);
    let token = next();
    let sound = match version {
        VERSION => token.is_none(),
        // Whoever has a network needs no token: the authentication code says more.
        OFFLINE_VERSION => token.and_then(DayToken::parse).is_some(),
        _ => false,
    };
    if !sound || next().is_some() {
        return None;
    }
    let voucher = Uuid::from_slice(&URL_SAFE_NO_PAD.decode(voucher).ok()?).ok()?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?.try_into().ok()?;
    let step = CodeStep {
        voucher_id: VoucherId::from_uuid(voucher),
        device_no: device.parse().ok()?,
        step: step.parse().ok().filter(|step| *step >= 0)?,
    };
    Some(Candidate { step, mac })
}

/// Eight digits, unpredictable. The server keeps which step they stand for; nothing can be computed
/// from them.
pub fn short_code(random: &dyn Random) -> String {
    random::digits(random, SHORT_CODE_DIGITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn secret() -> CodeSecret {
        CodeSecret(Zeroizing::new(std::array::from_fn(|index| index as u8)))
    }

    fn step(step: i64) -> CodeStep {
        let voucher_id =
            VoucherId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        CodeStep {
            voucher_id,
            device_no: 1,
            step,
        }
    }

    /// The vectors of `README.md`; made with Python's `hmac`, not with this code.
    #[rstest]
    #[case(
        1,
        60_000_000,
        "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.SBfiWa0TqTtgJtHD"
    )]
    #[case(
        1,
        60_000_001,
        "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000001.1s22BSvF6ZZCDw3C"
    )]
    #[case(
        2,
        60_000_000,
        "NJ1.AZAAAAAAcACAAAAAAAAAAQ.2.60000000.ZqS13oL3uVpJR1Q8"
    )]
    fn payloads_match_the_published_vectors(
        #[case] device_no: u16,
        #[case] number: i64,
        #[case] expected: &str,
    ) {
        let step = CodeStep {
            device_no,
            ..step(number)
        };
        assert_eq!(step.payload(&secret()), expected);
        let Some(ScannedCode::Payload(candidate)) = ScannedCode::parse(expected) else {
            panic!("is a payload")
        };
        assert_eq!(candidate.step, step);
        assert!(candidate.is_authentic(&secret()));
    }

    #[test]
    fn only_the_right_secret_device_step_and_voucher_verify() {
        let payload = step(60_000_000).payload(&secret());
        let forged = |from: &str, to: &str| match ScannedCode::parse(&payload.replace(from, to)) {
            Some(ScannedCode::Payload(candidate)) => candidate.is_authentic(&secret()),
            _ => false,
        };
        assert!(forged("", ""));
        assert!(!forged(".1.", ".2."));
        assert!(!forged("60000000", "60000001"));
        assert!(!forged("AAAQ.1", "AAAg.1"));
        let Some(ScannedCode::Payload(candidate)) = ScannedCode::parse(&payload) else {
            panic!("is a payload")
        };
        assert!(!candidate.is_authentic(&CodeSecret(Zeroizing::new([7; 32]))));
    }

    #[rstest]
    #[case(-60, Freshness::Future)]
    #[case(-30, Freshness::Current)]
    #[case(0, Freshness::Current)]
    #[case(29, Freshness::Current)]
    #[case(59, Freshness::Current)]
    #[case(60, Freshness::Past)]
    fn a_step_is_good_for_its_neighbours_only(#[case] seconds: i64, #[case] expected: Freshness) {
        let start = Utc
            .timestamp_opt(60_000_000 * STEP_SECONDS, 0)
            .single()
            .unwrap();
        let instant = start + chrono::TimeDelta::seconds(seconds);
        assert_eq!(step(60_000_000).freshness(instant), expected);
        assert_eq!(
            expected == Freshness::Past,
            instant >= step(60_000_000).expires_at()
        );
    }

    #[rstest]
    #[case("12345678", true)]
    #[case("1234 5678", true)]
    #[case("1234567", false)]
    #[case("NJ1", false)]
    #[case("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000", false)]
    #[case("NJ2.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA", false)]
    #[case("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAA", false)]
    #[case("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.-5.AAAAAAAAAAAAAAAA", false)]
    #[case("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA.x", false)]
    #[case("NJ1.AZAAAAAAcACAAAAAAAAAAQ.70000.60000000.AAAAAAAAAAAAAAAA", false)]
    #[case("１２３４５６７８", false)]
    fn other_text_is_no_code(#[case] text: &str, #[case] is_code: bool) {
        assert_eq!(ScannedCode::parse(text).is_some(), is_code);
    }

    #[test]
    fn a_secret_reads_back_and_never_shows() {
        assert_eq!(
            CodeSecret::parse(&secret().expose()).unwrap().expose(),
            secret().expose()
        );
        assert!(CodeSecret::parse("AAAA").is_none());
        assert_eq!(format!("{:?}", secret()), "CodeSecret");
    }

    fn authentic(text: &str, secret: &CodeSecret) -> Option<CodeStep> {
        match ScannedCode::parse(text)? {
            ScannedCode::Payload(candidate) => {
                candidate.is_authentic(secret).then_some(candidate.step)
            }
            ScannedCode::Short(_) => None,
        }
    }

    fn any_secret() -> impl Strategy<Value = CodeSecret> {
        any::<[u8; 32]>().prop_map(|bytes| CodeSecret(Zeroizing::new(bytes)))
    }

    fn any_step() -> impl Strategy<Value = CodeStep> {
        (any::<u128>(), any::<u16>(), 0..i64::MAX).prop_map(|(voucher, device_no, step)| CodeStep {
            voucher_id: VoucherId::from_uuid(Uuid::from_u128(voucher)),
            device_no,
            step,
        })
    }

    proptest! {
        /// Whatever is changed in a payload, it proves nothing beyond the step it was made for.
        #[test]
        fn a_mutated_payload_is_no_other_code(
            secret in any_secret(),
            step in any_step(),
            at in any::<prop::sample::Index>(),
            put in "[A-Za-z0-9._+ -]{0,2}",
        ) {
            let payload = step.payload(&secret);
            let at = at.index(payload.len());
            let mutated = format!("{}{put}{}", &payload[..at], &payload[at + 1..]);
            let proven = authentic(&mutated, &secret);
            prop_assert!(proven.is_none() || proven == Some(step), "{mutated}");
        }

        /// Who knows the voucher, the device and the step, but no secret, guesses 96 bits.
        #[test]
        fn a_guessed_code_is_not_authentic(secret in any_secret(), step in any_step(), guess in any::<[u8; MAC_BYTES]>()) {
            prop_assume!(guess != step.mac(&secret));
            let guessed = Candidate { step, mac: guess };
            prop_assert!(!guessed.is_authentic(&secret));
        }

        /// A code of one voucher, device, step or secret opens no other.
        #[test]
        fn a_code_opens_nothing_else(secrets in (any_secret(), any_secret()), steps in (any_step(), any_step())) {
            let mac = steps.0.mac(&secrets.0);
            prop_assume!(secrets.0.expose() != secrets.1.expose() && steps.0 != steps.1);
            let others = [
                CodeStep { voucher_id: steps.1.voucher_id, ..steps.0 },
                CodeStep { device_no: steps.0.device_no.wrapping_add(1), ..steps.0 },
                CodeStep { step: steps.1.step, ..steps.0 },
            ];
            for step in others.into_iter().filter(|step| *step != steps.0) {
                let other = Candidate { step, mac };
                prop_assert!(!other.is_authentic(&secrets.0));
            }
            let own = Candidate { step: steps.0, mac };
            prop_assert!(own.is_authentic(&secrets.0) && !own.is_authentic(&secrets.1));
        }

        /// No text makes the parser panic.
        #[test]
        fn any_text_may_be_scanned(text in "\\PC{0,200}") {
            let _ = ScannedCode::parse(&text);
        }
    }
}
