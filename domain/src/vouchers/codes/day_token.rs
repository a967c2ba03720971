//! The part of a code that a station without a network can check: a value of a hash chain that is
//! wound back five minutes at a time. Whoever knows the value of now can compute the earlier ones,
//! never the later ones; a scan pack holds only the chain's end. The format and its test vectors
//! are in `../offline/README.md`.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::code::{CodeSecret, CodeStep, OFFLINE_VERSION, STEP_SECONDS, ScannedCode};
use crate::kernel::{id::VoucherId, values::local_time};

const SLOT_SECONDS: i64 = 300;
const LAST_SLOT: i64 = 86_400 / SLOT_SECONDS - 1;
/// Asia/Shanghai; the same arithmetic on a phone needs no time zone database.
const OFFSET_SECONDS: i64 = 8 * 3_600;

/// What the phone shows in one slot of one business day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DayToken([u8; 16]);

/// Where the day's chain of one (voucher, device) ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Anchor([u8; 16]);

impl DayToken {
    pub fn new(secret: &CodeSecret, step: &CodeStep) -> Self {
        let root = root(secret, step.voucher_id, step.device_no, step.day());
        Self(wound(root, LAST_SLOT - step.slot()))
    }

    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// The end of the chain, if the token is the one of this step.
    pub fn anchor(&self, step: &CodeStep) -> Anchor {
        Anchor(wound(self.0, step.slot() + 1))
    }
}

/// A payload as a station without a network reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfflineCode {
    pub step: CodeStep,
    pub token: DayToken,
}

impl OfflineCode {
    /// `None`: no code, or one without a token.
    pub fn parse(text: &str) -> Option<Self> {
        let ScannedCode::Payload(candidate) = ScannedCode::parse(text)? else {
            return None;
        };
        let token = text
            .trim()
            .strip_prefix(OFFLINE_VERSION)?
            .rsplit('.')
            .next()?;
        Some(Self {
            step: candidate.step,
            token: DayToken::parse(token)?,
        })
    }
}

impl fmt::Debug for DayToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DayToken")
    }
}

impl Anchor {
    pub fn of(secret: &CodeSecret, voucher: VoucherId, device_no: u16, day: NaiveDate) -> Self {
        Self(wound(root(secret, voucher, device_no, day), LAST_SLOT + 1))
    }

    /// As it stands in a pack: bound to voucher and device, and unlike in any other pack.
    pub fn entry(&self, salt: &[u8; 16], voucher: VoucherId, device_no: u16) -> [u8; 16] {
        let mut hasher = Sha256::new();
        hasher.update(b"NJE");
        hasher.update(salt);
        hasher.update(voucher.uuid().as_bytes());
        hasher.update(device_no.to_be_bytes());
        hasher.update(self.0);
        first_half(&hasher.finalize())
    }
}

impl CodeStep {
    /// The text of the QR code, with the token for stations without a network.
    pub fn offline_payload(&self, secret: &CodeSecret) -> String {
        let token = URL_SAFE_NO_PAD.encode(DayToken::new(secret, self).0);
        format!("{OFFLINE_VERSION}.{}.{token}", self.parts(secret))
    }

    /// When the step begins.
    fn begins(&self) -> DateTime<Utc> {
        let instant = Utc
            .timestamp_opt(self.step.saturating_mul(STEP_SECONDS), 0)
            .single();
        instant.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn day(&self) -> NaiveDate {
        local_time::date_of(self.begins())
    }

    fn slot(&self) -> i64 {
        (self.begins().timestamp() + OFFSET_SECONDS).rem_euclid(86_400) / SLOT_SECONDS
    }
}

fn root(secret: &CodeSecret, voucher: VoucherId, device_no: u16, day: NaiveDate) -> [u8; 16] {
    // HMAC takes keys of any length, so the other arm is never reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret.0[..]) else {
        return [0; 16];
    };
    mac.update(b"NJD");
    mac.update(voucher.uuid().as_bytes());
    mac.update(&device_no.to_be_bytes());
    mac.update(day.to_string().as_bytes());
    first_half(&mac.finalize().into_bytes())
}

fn wound(start: [u8; 16], times: i64) -> [u8; 16] {
    (0..times).fold(start, |value, _| {
        let mut hasher = Sha256::new();
        hasher.update(b"NJC");
        hasher.update(value);
        first_half(&hasher.finalize())
    })
}

fn first_half(digest: &[u8]) -> [u8; 16] {
    std::array::from_fn(|index| digest[index])
}
