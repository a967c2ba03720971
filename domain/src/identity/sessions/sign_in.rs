//! Signing in with WeChat, and what every sign-in has in common: an open session and its first
//! tokens.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{
    session::Session,
    token::{ACCESS_LIFETIME, AccessClaims, RefreshClaims},
};
use crate::{
    audit::{Area, Deed},
    identity::{
        AccountView, IdentityError, IdentityService, ports::TokenFailed, wechat::WechatError,
    },
    kernel::{Actor, id::AccountId},
    store::{StoreError, Tx},
};

/// Somebody who has not signed in yet.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub address: IpAddr,
    pub request_id: String,
}

/// The fruit of a sign-in or a refresh.
#[derive(Debug)]
pub struct SignedIn {
    pub access_token: SecretString,
    pub refresh_token: SecretString,
    /// Of the access token.
    pub expires_in: TimeDelta,
    pub account: AccountView,
}

impl IdentityService {
    /// Trades a `wx.login` code; the first sign-in of an openid makes its account.
    pub async fn sign_in_with_wechat(
        &self,
        visitor: &Visitor,
        code: &str,
    ) -> Result<SignedIn, IdentityError> {
        self.throttle(
            "wechat-sign-in",
            &visitor.address.to_string(),
            self.limits.per_address,
        )
        .await?;
        let identity = self.wechat.sign_in(code).await.map_err(at_sign_in)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let account_id = self
            .wechat_account(&mut *tx, &identity.openid, None, &visitor.request_id)
            .await?;
        let (session, account) = self
            .open_session(&mut *tx, account_id, visitor, now)
            .await?;
        tx.commit().await?;
        Ok(self.hand_out(&session, account, now)?)
    }

    pub(crate) async fn open_session(
        &self,
        tx: &mut dyn Tx,
        account_id: AccountId,
        visitor: &Visitor,
        now: DateTime<Utc>,
    ) -> Result<(Session, AccountView), StoreError> {
        let session = Session::open(account_id, now, self.foundation.random());
        tx.sessions().insert(&session).await?;
        let view = self.view(tx, account_id).await?;
        let actor = Actor {
            account_id,
            person_id: view.account.person_id,
            session_id: session.id,
            grants: view.grants.clone(),
            request_id: visitor.request_id.clone(),
        };
        let deed = Deed::new("session.opened", session.id)
            .within(Area::own_of(&actor))
            .with(json!({ "kind": view.account.kind.code() }));
        tx.audit()
            .append(deed.by(&actor, now, self.foundation.random()))
            .await?;
        Ok((session, view))
    }

    /// The tokens of a session's present generation.
    pub(crate) fn hand_out(
        &self,
        session: &Session,
        account: AccountView,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, TokenFailed> {
        let access = AccessClaims {
            account_id: session.account_id,
            session_id: session.id,
        };
        let refresh = RefreshClaims {
            session_id: session.id,
            generation: session.generation,
        };
        Ok(SignedIn {
            access_token: self.access_tokens.issue(&access, now)?,
            refresh_token: self.refresh_tokens.issue(&refresh),
            expires_in: ACCESS_LIFETIME,
            account,
        })
    }
}

/// A refused code means "not signed in" here; elsewhere it means "tap again".
fn at_sign_in(error: WechatError) -> IdentityError {
    match error {
        WechatError::CodeRefused => IdentityError::SignInCodeRefused,
        other => other.into(),
    }
}
