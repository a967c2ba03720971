//! From an access token to the `Actor` of this request, with rights as they are now.

use std::time::Duration;

use futures_util::future::join;

use super::token::AccessClaims;
use crate::{
    identity::{IdentityError, IdentityService},
    kernel::{Actor, Bearer, id::SessionId},
    store::StoreError,
};

/// Longer than any access token lives, leeway included.
const DENIED_FOR: Duration = Duration::from_secs(20 * 60);

impl IdentityService {
    /// The database decides, by one query. Revocations are also shared outside it, for a read
    /// replica may lag.
    pub async fn authenticate(
        &self,
        access_token: &str,
        request_id: &str,
    ) -> Result<Actor, IdentityError> {
        let claims = self
            .access_tokens
            .verify(access_token, self.foundation.now())
            .ok_or(IdentityError::Unauthenticated)?;
        let denied_key = denied_key(claims.session_id);
        let (denied, actor) = join(
            self.shared.read(&denied_key),
            self.actor(&claims, request_id),
        )
        .await;
        match actor? {
            Some(actor) if denied.is_none() => Ok(actor),
            _ => Err(IdentityError::Unauthenticated),
        }
    }

    /// Whom a genuine token speaks for. Whether the session and its rights still hold is asked in
    /// the transaction that carries the request (`SessionRepository::actors`).
    pub fn recognise(&self, access_token: &str, request_id: &str) -> Result<Bearer, IdentityError> {
        let claims = self
            .access_tokens
            .verify(access_token, self.foundation.now())
            .ok_or(IdentityError::Unauthenticated)?;
        let AccessClaims {
            account_id,
            session_id,
        } = claims;
        Ok(Bearer {
            account_id,
            session_id,
            request_id: request_id.to_owned(),
        })
    }

    async fn actor(
        &self,
        claims: &AccessClaims,
        request_id: &str,
    ) -> Result<Option<Actor>, StoreError> {
        self.foundation
            .read()
            .await?
            .sessions()
            .actor(claims, request_id, self.foundation.now())
            .await
    }

    /// Tells all processes that a session is over. Call after commit.
    pub(crate) async fn deny(&self, session: SessionId) {
        self.shared
            .write(&denied_key(session), "revoked", DENIED_FOR)
            .await;
    }
}

fn denied_key(session: SessionId) -> String {
    format!("session-revoked:{session}")
}
