//! A scan pack: what a device needs to verify today's codes of its station alone. It holds no
//! personal data, no voucher's id and no secret: a stolen one verifies and forges nothing. The
//! format is described in `README.md`.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Fen, id::StationId, values::local_time},
    vouchers::{
        batches::{batch::Batch, rules::meal::MealWindow},
        offline::policy::Caps,
    },
};

pub const FORMAT: &str = "NJP1";
pub const ENTRY_BYTES: usize = 16;

/// One page of a pack, as it is signed. A device holds all pages of its day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanPack {
    pub format: String,
    pub station_id: StationId,
    pub device_id: String,
    /// The business day, Asia/Shanghai.
    pub day: NaiveDate,
    pub issued_at: DateTime<FixedOffset>,
    /// The first instant at which the pack is void: never later than the end of the day.
    pub expires_at: DateTime<FixedOffset>,
    /// 16 bytes, base64url.
    pub salt: String,
    pub caps: PackCaps,
    pub batches: Vec<PackBatch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackCaps {
    pub scans: u32,
    pub amount_fen: Fen,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackBatch {
    pub face_value_fen: Fen,
    pub valid_from: DateTime<FixedOffset>,
    pub valid_to: DateTime<FixedOffset>,
    pub meals: Vec<PackMeal>,
    pub entries: Entries,
}

/// `HH:MM` in Asia/Shanghai, half-open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackMeal {
    pub name: String,
    pub from: String,
    pub to: String,
}

/// Hashes in ascending order, 16 bytes each; on the wire one base64url text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entries(Vec<[u8; ENTRY_BYTES]>);

impl Entries {
    pub fn new(mut entries: Vec<[u8; ENTRY_BYTES]>) -> Self {
        entries.sort_unstable();
        Self(entries)
    }

    pub fn contains(&self, entry: &[u8; ENTRY_BYTES]) -> bool {
        self.0.binary_search(entry).is_ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries", self.0.len())
    }
}

impl From<Entries> for String {
    fn from(entries: Entries) -> Self {
        URL_SAFE_NO_PAD.encode(entries.0.concat())
    }
}

impl TryFrom<String> for Entries {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| "entries are not base64url")?;
        let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
        let sorted = entries.is_sorted();
        if rest.is_empty() && sorted {
            Ok(Self(entries.to_vec()))
        } else {
            Err("entries are cut or out of order")
        }
    }
}

impl From<Caps> for PackCaps {
    fn from(caps: Caps) -> Self {
        Self {
            scans: caps.scans,
            amount_fen: caps.amount,
        }
    }
}

impl PackBatch {
    pub fn new(batch: &Batch, entries: Entries) -> Self {
        let rules = &batch.rules;
        let meal = |window: &MealWindow| PackMeal {
            name: window.name.clone(),
            from: window.hours.from_text(),
            to: window.hours.to_text(),
        };
        Self {
            face_value_fen: rules.face_value,
            valid_from: local_time::on_the_wall(rules.valid_from),
            valid_to: local_time::on_the_wall(rules.valid_to),
            meals: rules.meals.iter().map(meal).collect(),
            entries,
        }
    }

    /// Whether a voucher of this batch is good at an instant, by the clock.
    pub fn is_valid_at(&self, instant: DateTime<Utc>) -> bool {
        (self.valid_from.to_utc()..self.valid_to.to_utc()).contains(&instant)
    }
}
