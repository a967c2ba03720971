//! A scan at a station. The same scan id always gets the first answer, refusals included
//! (invariants V7, V8). Scans that arrive while a commit is under way are carried together by the
//! next one (`group.rs`).

use super::{
    redemption::meal_price,
    refusal::Refusal,
    scan::{ScanAnswer, ScanRequest, Sent},
};
use crate::{
    kernel::{Answer, Bearer, IdempotentRequest, Invalid, ports::cache::Quota},
    vouchers::{ScanService, VoucherError, codes::code::ScannedCode, device_name::checked_device},
};

/// Typed codes can be guessed: each try counts, right or wrong.
const TYPED_CODES: Quota = Quota {
    burst: 10,
    per_minute: 10,
};
/// Wrong payloads cannot be guessed right; this stops the noise.
const WRONG_CODES: Quota = Quota {
    burst: 20,
    per_minute: 10,
};

impl ScanService {
    pub async fn redeem(
        &self,
        bearer: Bearer,
        request: IdempotentRequest,
        scan: ScanRequest,
    ) -> Result<Answer<ScanAnswer>, VoucherError> {
        let sent = self.well_formed(bearer, request, scan)?;
        let tally = WrongCodes::of(&sent);
        if matches!(sent.code, Some(ScannedCode::Short(_))) {
            self.throttle("voucher-typed", &tally, TYPED_CODES).await?;
        }
        let answer = self.group.submit(sent).await??;
        // After the commit: the refusal is on record, its author waits.
        let wrong = matches!(
            answer.value,
            ScanAnswer::Refused {
                reason: Refusal::InvalidCode,
                ..
            }
        );
        if wrong && !answer.replayed {
            self.throttle("voucher-wrong", &tally, WRONG_CODES).await?;
        }
        Ok(answer)
    }

    fn well_formed(
        &self,
        bearer: Bearer,
        request: IdempotentRequest,
        scan: ScanRequest,
    ) -> Result<Sent, VoucherError> {
        let wrong = || {
            Invalid::field(
                "priceFen",
                "number_out_of_range",
                "餐价应大于 0 且不超过 10000 元",
            )
        };
        let price = scan
            .price_fen
            .map(|fen| meal_price(fen).ok_or_else(wrong))
            .transpose()?;
        let now = self.foundation.now();
        Ok(Sent {
            bearer,
            request,
            code: ScannedCode::parse(&scan.code),
            station_id: scan.station_id,
            device_id: checked_device("deviceId", &scan.device_id)?,
            at: scan.scanned_at.unwrap_or(now),
            now,
            price,
        })
    }

    async fn throttle(
        &self,
        what: &str,
        tally: &WrongCodes,
        quota: Quota,
    ) -> Result<(), VoucherError> {
        for who in &tally.0 {
            self.limiter
                .check(&format!("{what}:{who}"), quota)
                .await
                .map_err(VoucherError::Throttled)?;
        }
        Ok(())
    }
}

/// On whose account a guess is counted: the staff's, and the device's.
struct WrongCodes([String; 2]);

impl WrongCodes {
    fn of(sent: &Sent) -> Self {
        Self([
            sent.bearer.account_id.to_string(),
            format!("{}:{}", sent.station_id, sent.device_id),
        ])
    }
}
