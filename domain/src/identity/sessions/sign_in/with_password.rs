//! Back-office sign-in: password, second factor once enrolled, lock-out.
//!
//! The lock is decided where the outcome is written down: after five wrong tries even the right
//! password, checked in parallel, is refused. Unknown names are counted, locked and hashed like
//! known ones, so neither the answer nor its time tells whether a name exists.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{SignedIn, Visitor};
use crate::{
    audit::{Area, Deed},
    identity::{
        IdentityError, IdentityService, Username,
        sessions::credential::{Credential, MAX_FAILURES, SecondFactor},
    },
    kernel::id::AccountId,
    store::Tx,
};

/// What was typed.
#[derive(Debug)]
pub struct PasswordSignIn {
    pub username: String,
    pub password: SecretString,
    pub totp: Option<String>,
}

/// What an attempt proves.
enum Proof {
    Nothing,
    /// The password alone, where more is asked.
    Half,
    Whole {
        account_id: AccountId,
        totp_step: Option<u64>,
    },
}

impl IdentityService {
    pub async fn sign_in_with_password(
        &self,
        visitor: &Visitor,
        attempt: PasswordSignIn,
    ) -> Result<SignedIn, IdentityError> {
        self.throttle(
            "password-sign-in",
            &visitor.address.to_string(),
            self.limits.per_address,
        )
        .await?;
        let Ok(username) = Username::parse(&attempt.username) else {
            self.passwords.verify(attempt.password, None).await?;
            return Err(IdentityError::CredentialsRefused);
        };
        self.throttle(
            "password-sign-in-name",
            username.as_str(),
            self.limits.per_account,
        )
        .await?;
        let credential = self.credential_unless_locked(&username).await?;
        let hash = credential
            .as_ref()
            .map(|credential| credential.password.clone());
        let right = self.passwords.verify(attempt.password, hash).await?;
        let now = self.foundation.now();
        let proof = match &credential {
            Some(credential) if right => self.proof(credential, attempt.totp.as_deref(), now),
            _ => Proof::Nothing,
        };
        let account_id = credential.map(|credential| credential.account_id);
        match proof {
            Proof::Whole {
                account_id,
                totp_step,
            } => {
                self.admit(visitor, &username, account_id, totp_step, now)
                    .await
            }
            Proof::Half => Err(self.ask_for_totp(&username, now).await?),
            Proof::Nothing => Err(self.refuse(visitor, &username, account_id, now).await?),
        }
    }

    /// Spares a locked name the hashing.
    async fn credential_unless_locked(
        &self,
        username: &Username,
    ) -> Result<Option<Credential>, IdentityError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.read().await?;
        refuse_locked(&mut *tx, username, now).await?;
        Ok(tx.credentials().find_by_username(username).await?)
    }

    fn proof(&self, credential: &Credential, totp: Option<&str>, now: DateTime<Utc>) -> Proof {
        let account_id = credential.account_id;
        match (&credential.second_factor, totp) {
            (SecondFactor::None | SecondFactor::Pending { .. }, _) => Proof::Whole {
                account_id,
                totp_step: None,
            },
            (SecondFactor::Confirmed(_), None) => Proof::Half,
            (SecondFactor::Confirmed(secret), Some(code)) => {
                match self.one_time_passwords.step_of(secret, code, now) {
                    Some(step) => Proof::Whole {
                        account_id,
                        totp_step: Some(step),
                    },
                    None => Proof::Nothing,
                }
            }
        }
    }

    async fn admit(
        &self,
        visitor: &Visitor,
        username: &Username,
        account_id: AccountId,
        totp_step: Option<u64>,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, IdentityError> {
        let mut tx = self.foundation.begin().await?;
        if let Some(step) = totp_step
            && !tx.credentials().burn_totp_step(account_id, step).await?
        {
            drop(tx);
            return Err(self
                .refuse(visitor, username, Some(account_id), now)
                .await?);
        }
        tx.credentials().forgive(username, now).await?;
        refuse_locked(&mut *tx, username, now).await?;
        let (session, account) = self
            .open_session(&mut *tx, account_id, visitor, now)
            .await?;
        tx.commit().await?;
        Ok(self.hand_out(&session, account, now)?)
    }

    /// A locked name keeps even this answer to itself.
    async fn ask_for_totp(
        &self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<IdentityError, IdentityError> {
        let mut tx = self.foundation.read().await?;
        refuse_locked(&mut *tx, username, now).await?;
        Ok(IdentityError::TotpRequired)
    }

    /// Counts a wrong try and says how to answer it.
    async fn refuse(
        &self,
        visitor: &Visitor,
        username: &Username,
        account_id: Option<AccountId>,
        now: DateTime<Utc>,
    ) -> Result<IdentityError, IdentityError> {
        let mut tx = self.foundation.begin().await?;
        let failure = tx.credentials().note_failure(username, now).await?;
        let action = if failure.count == MAX_FAILURES {
            "sign_in.locked"
        } else {
            "sign_in.refused"
        };
        let subject = account_id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let deed = Deed::new(action, subject)
            .within(Area::OwnAccount)
            .with(json!({ "failures": failure.count }));
        tx.audit()
            .append(deed.by_system(&visitor.request_id, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(match failure.locked_until {
            Some(until) if failure.count > MAX_FAILURES => locked(until, now),
            _ => IdentityError::CredentialsRefused,
        })
    }
}

async fn refuse_locked(
    tx: &mut dyn Tx,
    username: &Username,
    now: DateTime<Utc>,
) -> Result<(), IdentityError> {
    match tx.credentials().locked_until(username, now).await? {
        Some(until) => Err(locked(until, now)),
        None => Ok(()),
    }
}

fn locked(until: DateTime<Utc>, now: DateTime<Utc>) -> IdentityError {
    IdentityError::Locked {
        retry_after: (until - now).to_std().unwrap_or(Duration::ZERO),
    }
}
