//! 48 hours after a claim without dispatch its donor is reminded, once (W6).

use super::wish_claim::{WishClaim, time_to_reminder};
use crate::wishes::{error::WishError, news::News, service::WishService};

impl WishService {
    /// Returns how many donors were reminded.
    pub async fn remind_donors(&self, limit: u64) -> Result<u64, WishError> {
        let claimed_by = self.foundation.now() - time_to_reminder();
        let due = self
            .foundation
            .read()
            .await?
            .wish_claims()
            .list_unreminded(claimed_by, limit)
            .await?;
        let mut reminded = 0;
        for claim in due {
            reminded += u64::from(self.remind(&claim).await?);
        }
        Ok(reminded)
    }

    async fn remind(&self, claim: &WishClaim) -> Result<bool, WishError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if !tx.wish_claims().mark_reminded(claim.id, now).await? {
            return Ok(false);
        }
        let Some(wish) = tx.wishes().find(claim.wish_id).await? else {
            return Ok(false);
        };
        self.tell(
            &mut *tx,
            claim.donor_id,
            &wish,
            News::ClaimReminder {
                lapses_at: claim.lapses_at,
            },
            now,
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}
