//! What every sign-in has in common: an open session and its first tokens.

pub(crate) mod with_password;
pub(crate) mod with_wechat;

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{
    ports::TokenFailed,
    session::Session,
    token::{ACCESS_LIFETIME, AccessClaims, RefreshClaims},
};
use crate::{
    audit::{Area, Deed},
    identity::{AccountView, IdentityService},
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
