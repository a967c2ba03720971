//! The next pair of tokens for a refresh token.
//!
//! The update decides which of two parallel refreshes rotates; whoever comes second finds the token
//! used a moment ago and gets the same successor. A token used longer ago means that two parties
//! hold the family: it ends.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::session::{Presented, Session};
use crate::{
    audit::{Area, Deed},
    identity::{IdentityError, IdentityService, SignedIn, Visitor},
    store::Tx,
};

impl IdentityService {
    pub async fn refresh(
        &self,
        visitor: &Visitor,
        token: &SecretString,
    ) -> Result<SignedIn, IdentityError> {
        let claims = self
            .refresh_tokens
            .verify(token)
            .ok_or(IdentityError::RefreshRefused)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        tx.sessions()
            .rotate(claims.session_id, claims.generation, now)
            .await?;
        let session = tx
            .sessions()
            .find(claims.session_id)
            .await?
            .ok_or(IdentityError::RefreshRefused)?;
        match session.present(claims.generation, now) {
            // Also right after the rotation above: the token is now the one just used.
            Presented::Repeated => {
                let account = self.view(&mut *tx, session.account_id).await?;
                tx.commit().await?;
                Ok(self.hand_out(&session, account, now)?)
            }
            Presented::Reused => {
                self.end_stolen(tx, &session, visitor, now).await?;
                Err(IdentityError::RefreshReused)
            }
            Presented::Current | Presented::Over => Err(IdentityError::RefreshRefused),
        }
    }

    async fn end_stolen(
        &self,
        mut tx: Box<dyn Tx>,
        session: &Session,
        visitor: &Visitor,
        now: DateTime<Utc>,
    ) -> Result<(), IdentityError> {
        tx.sessions().revoke(session.id, now).await?;
        let detail = json!({ "account": session.account_id, "generation": session.generation });
        let deed = Deed::new("session.token_reused", session.id)
            .within(Area::OwnAccount)
            .with(detail);
        tx.audit()
            .append(deed.by_system(&visitor.request_id, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        self.deny(session.id).await;
        Ok(())
    }
}
