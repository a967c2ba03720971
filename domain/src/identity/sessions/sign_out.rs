//! Ending one's own session, at once and everywhere.

use crate::{
    audit::{Area, Deed},
    identity::{IdentityError, IdentityService},
    kernel::Actor,
};

impl IdentityService {
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), IdentityError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if tx.sessions().revoke(actor.session_id, now).await? {
            let deed = Deed::new("session.revoked", actor.session_id).within(Area::own_of(actor));
            tx.audit()
                .append(deed.by(actor, now, self.foundation.random()))
                .await?;
        }
        tx.commit().await?;
        self.deny(actor.session_id).await;
        Ok(())
    }
}
