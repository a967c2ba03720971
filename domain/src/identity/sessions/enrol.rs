//! Enrolling a second factor: show a secret, then prove that an authenticator app has it.

use secrecy::SecretString;

use super::credential::SecondFactor;
use crate::{
    audit::{Area, Deed},
    identity::{IdentityError, IdentityService},
    kernel::{AccessError, Actor},
};

/// Shown once, to be scanned or typed into an authenticator app.
#[derive(Debug)]
pub struct Enrolment {
    /// Base 32.
    pub secret: SecretString,
    pub otpauth_url: SecretString,
}

impl IdentityService {
    /// Back-office accounts only. Starting over replaces an unconfirmed secret.
    pub async fn enrol_totp(&self, actor: &Actor) -> Result<Enrolment, IdentityError> {
        let now = self.foundation.now();
        let secret = self.one_time_passwords.new_secret();
        let mut tx = self.foundation.begin().await?;
        let account = tx
            .accounts()
            .find(actor.account_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let username = account.username.ok_or(AccessError::Forbidden)?;
        if !tx
            .credentials()
            .offer_totp(actor.account_id, &secret, now)
            .await?
        {
            return Err(IdentityError::TotpAlreadyConfirmed);
        }
        let deed = Deed::new("totp.offered", actor.account_id).within(Area::own_of(actor));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        let otpauth_url = self.one_time_passwords.enrolment_url(&secret, &username);
        Ok(Enrolment {
            secret,
            otpauth_url,
        })
    }

    /// From here on every sign-in asks for a code; the one used here is spent.
    pub async fn confirm_totp(&self, actor: &Actor, code: &str) -> Result<(), IdentityError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let credential = tx
            .credentials()
            .find(actor.account_id)
            .await?
            .ok_or(AccessError::Forbidden)?;
        let (secret, offered_at) = match credential.second_factor {
            SecondFactor::None => return Err(IdentityError::TotpNotStarted),
            SecondFactor::Confirmed(_) => return Err(IdentityError::TotpAlreadyConfirmed),
            SecondFactor::Pending { secret, offered_at } => (secret, offered_at),
        };
        let step = self
            .one_time_passwords
            .step_of(&secret, code, now)
            .ok_or(IdentityError::TotpRefused)?;
        tx.credentials()
            .burn_totp_step(actor.account_id, step)
            .await?;
        if !tx
            .credentials()
            .confirm_totp(actor.account_id, offered_at, now)
            .await?
        {
            // Another secret was offered meanwhile, or this one confirmed.
            return Err(IdentityError::TotpRefused);
        }
        let deed = Deed::new("totp.confirmed", actor.account_id).within(Area::own_of(actor));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
