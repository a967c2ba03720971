//! One scan of an upload, well formed.

use chrono::{DateTime, Datelike, Utc};

use super::upload::UploadedScan;
use crate::{
    kernel::{Fen, IdempotencyKey},
    vouchers::{
        codes::code::{Candidate, ScannedCode},
        scans::redemption::meal_price,
    },
};

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) scan_id: String,
    pub(crate) code: Candidate,
    pub(crate) text: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) price: Option<Fen>,
}

impl Item {
    /// The scan, or the field that is not one.
    pub(crate) fn parse(sent: &UploadedScan) -> Result<Self, &'static str> {
        let scan_id = IdempotencyKey::parse(&sent.scan_id)
            .ok_or("scanId")?
            .as_str()
            .to_owned();
        // Short codes and everything else that a device cannot check alone never come this way.
        let Some(ScannedCode::Payload(code)) = ScannedCode::parse(&sent.code) else {
            return Err("code");
        };
        // Of a year with four digits: a clock may be wrong, but not that wrong.
        if !(1970..=9_998).contains(&sent.scanned_at.year()) {
            return Err("scannedAt");
        }
        let price = |fen| meal_price(fen).ok_or("priceFen");
        Ok(Self {
            scan_id,
            code,
            text: sent.code.trim().to_owned(),
            at: sent.scanned_at,
            price: sent.price_fen.map(price).transpose()?,
        })
    }
}
