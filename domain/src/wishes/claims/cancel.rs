//! The donor gives a claim up; the wish returns to the wall.

use super::dispatch::{ClaimStep, own_claim};
use crate::{
    kernel::{Actor, id::WishClaimId, values::text},
    wishes::{error::WishError, news::News, service::WishService},
};

impl WishService {
    pub async fn cancel(
        &self,
        actor: &Actor,
        id: WishClaimId,
        reason: Option<&str>,
    ) -> Result<ClaimStep, WishError> {
        let reason = reason
            .map(|text| text::paragraphs("reason", text, 0, 200))
            .transpose()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let (claim, wish) = own_claim(&mut *tx, id, actor.account_id).await?;
        let from = claim.status();
        let claim = claim.cancel(reason.filter(|text| !text.is_empty()), now)?;
        let wish = wish.release()?;
        self.save(&mut *tx, &wish).await?;
        self.save_claim(&mut *tx, &claim, from).await?;
        let detail = serde_json::json!({ "claim": id, "from": from });
        self.record(&mut *tx, actor, &wish, "wish.claim_cancelled", detail, now)
            .await?;
        self.tell(&mut *tx, wish.account_id, &wish, News::ClaimGivenUp, now)
            .await?;
        self.commit_public(tx).await?;
        Ok(ClaimStep::of(&claim, &wish))
    }
}
