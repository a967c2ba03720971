//! Giving back what nobody will use: the reserve of void vouchers, what cheap meals left over, and
//! short codes of the past. A background job calls this; vouchers are void and codes are stale
//! without it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::{
    audit::Deed,
    kernel::id::VoucherBatchId,
    store::Tx,
    vouchers::{
        VoucherError, WalletService,
        batches::distribute::batch_of,
        scans::{judge::MAX_CLOCK_SKEW, redemption::ANNULMENT_WINDOW},
    },
};

/// Short codes are kept until no clock takes them for present.
const SHORT_CODES_KEPT: TimeDelta = TimeDelta::hours(1);

impl WalletService {
    /// One round of at most `limit` vouchers and `limit` redemptions; returns how many, so that a
    /// caller can go on until there are none.
    pub async fn expire_unused(&self, limit: u64) -> Result<u64, VoucherError> {
        // One after the other: an annulment takes the redemption before the counter, and in one
        // transaction with the expired vouchers the remainders would be asked for after it. The two
        // would wait for each other.
        Ok(self.expire_void(limit).await? + self.release_left_over(limit).await?)
    }

    async fn expire_void(&self, limit: u64) -> Result<u64, VoucherError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        // A scan of the last valid moment may still arrive from a station whose clock is behind.
        let expired = tx
            .vouchers()
            .expire(now - MAX_CLOCK_SKEW * 2, now, limit)
            .await?;
        self.note_release(&mut *tx, "voucher.expired", &expired, now)
            .await?;
        tx.commit().await?;
        Ok(expired.iter().map(|(_, count)| count).sum())
    }

    async fn release_left_over(&self, limit: u64) -> Result<u64, VoucherError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let left_over = tx
            .redemptions()
            .release_remainders(now - ANNULMENT_WINDOW, now, limit)
            .await?;
        self.note_release(&mut *tx, "voucher.remainder_released", &left_over, now)
            .await?;
        tx.commit().await?;
        Ok(left_over.iter().map(|(_, count)| count).sum())
    }

    /// For a background job, up to `limit` short codes of the past; returns how many went.
    pub async fn forget_short_codes(&self, limit: u64) -> Result<u64, VoucherError> {
        let before = self.foundation.now() - SHORT_CODES_KEPT;
        let mut tx = self.foundation.begin().await?;
        let forgotten = tx.voucher_codes().forget_short_codes(before, limit).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    async fn note_release(
        &self,
        tx: &mut dyn Tx,
        action: &'static str,
        released: &[(VoucherBatchId, u64)],
        now: DateTime<Utc>,
    ) -> Result<(), VoucherError> {
        for (id, count) in released {
            let batch = batch_of(tx, *id).await?;
            let deed = Deed::new(action, id)
                .within(batch.district)
                .with(json!({ "count": count }));
            tx.audit()
                .append(deed.by_system("job:expire_unused", now, self.foundation.random()))
                .await?;
        }
        Ok(())
    }
}
