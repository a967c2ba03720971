//! The worker takes a wish back, before anybody has claimed it (W3: afterwards it is frozen).

use super::submit::WishReceipt;
use crate::{
    kernel::{AccessError, Actor, id::WishId},
    wishes::{error::WishError, service::WishService},
};

impl WishService {
    pub async fn withdraw(&self, actor: &Actor, id: WishId) -> Result<WishReceipt, WishError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let wish = tx
            .wishes()
            .find_of(id, actor.account_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let detail = serde_json::json!({ "from": wish.status() });
        let wish = wish.withdraw()?;
        self.drop_review(&mut *tx, id, now).await?;
        self.save(&mut *tx, &wish).await?;
        self.record(&mut *tx, actor, &wish, "wish.withdrawn", detail, now)
            .await?;
        self.commit_public(tx).await?;
        Ok(WishReceipt::of(&wish))
    }
}
