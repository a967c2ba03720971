//! A claim without dispatch lapses after 72 hours (W6), by a job that any number of processes may
//! run: each claim is its own guarded transaction.

use super::wish_claim::WishClaim;
use crate::{
    kernel::ports::cache::Namespace,
    wishes::{error::WishError, news::News, service::WishService},
};

const JOB: &str = "wishes.lapse_overdue";

impl WishService {
    /// Returns how many claims lapsed.
    pub async fn lapse_overdue(&self, limit: u64) -> Result<u64, WishError> {
        let overdue = self
            .foundation
            .read()
            .await?
            .wish_claims()
            .list_overdue(self.foundation.now(), limit)
            .await?;
        let mut lapsed = 0;
        for claim in overdue {
            lapsed += u64::from(self.lapse(claim).await?);
        }
        if lapsed > 0 {
            self.cache.invalidate(Namespace::Wishes).await;
        }
        Ok(lapsed)
    }

    /// `false`: the donor, the staff or another process was faster.
    async fn lapse(&self, claim: WishClaim) -> Result<bool, WishError> {
        let now = self.foundation.now();
        let from = claim.status();
        let mut tx = self.foundation.begin().await?;
        let Some(wish) = tx.wishes().find(claim.wish_id).await? else {
            return Ok(false);
        };
        let ours = wish.taken().is_some_and(|taken| taken.claim_id == claim.id);
        let (Ok(claim), Ok(wish)) = (claim.lapse(now), wish.lapse()) else {
            return Ok(false);
        };
        if !ours || !tx.wishes().save(&wish).await? || !tx.wish_claims().save(&claim, from).await? {
            return Ok(false);
        }
        let detail = serde_json::json!({ "claim": claim.id });
        self.record_by_system(&mut *tx, JOB, &wish, "wish.claim_lapsed", detail, now)
            .await?;
        self.tell(&mut *tx, wish.account_id, &wish, News::ClaimLapsed, now)
            .await?;
        self.tell(&mut *tx, claim.donor_id, &wish, News::ClaimLapsed, now)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}
