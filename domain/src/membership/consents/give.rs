//! Giving a consent, and taking it back. Each is an act in an append-only record.

use chrono::{DateTime, Utc};

use super::consent::{Consent, ConsentAct, ConsentPurpose};
use crate::{
    audit::{Area, Deed},
    kernel::{AccessError, Actor, id::ConsentId},
    membership::{MembershipService, error::MembershipError},
    store::{StoreError, Tx},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentView {
    pub purpose: ConsentPurpose,
    pub version: String,
    pub given_at: DateTime<Utc>,
}

impl MembershipService {
    /// Agreeing twice to the same text is one consent.
    pub async fn give_consent(
        &self,
        actor: &Actor,
        purpose: &str,
        version: &str,
    ) -> Result<ConsentView, MembershipError> {
        let purpose = ConsentPurpose::agreed("", purpose, version)?;
        let mut tx = self.foundation.begin().await?;
        if let Some(given) = tx.consents().in_force(actor.account_id, purpose).await?
            && given.version == version
        {
            return Ok(ConsentView {
                purpose,
                version: given.version,
                given_at: given.at,
            });
        }
        let given = self
            .act(&mut *tx, actor, purpose, ConsentAct::Given)
            .await?;
        tx.commit().await?;
        Ok(ConsentView {
            purpose,
            version: given.version,
            given_at: given.at,
        })
    }

    /// What carries a live membership cannot be taken back while it lives: withdrawing that comes
    /// first.
    pub async fn withdraw_consent(
        &self,
        actor: &Actor,
        purpose: &str,
    ) -> Result<(), MembershipError> {
        let purpose = ConsentPurpose::parse(purpose).ok_or(AccessError::NotFound)?;
        let mut tx = self.foundation.begin().await?;
        if tx
            .consents()
            .in_force(actor.account_id, purpose)
            .await?
            .is_none()
        {
            return Err(AccessError::NotFound.into());
        }
        if purpose == ConsentPurpose::Membership
            && let Some(person) = actor.person_id
            && tx.memberships().live_of(person).await?.is_some()
        {
            return Err(MembershipError::ConsentNeeded);
        }
        self.act(&mut *tx, actor, purpose, ConsentAct::Withdrawn)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn act(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        purpose: ConsentPurpose,
        act: ConsentAct,
    ) -> Result<Consent, StoreError> {
        let now = self.foundation.now();
        let version = purpose.text().version.to_owned();
        let id = ConsentId::generate(now, self.foundation.random());
        let consent = Consent {
            id,
            account_id: actor.account_id,
            purpose,
            version,
            act,
            at: now,
        };
        tx.consents().append(&consent).await?;
        let action = match act {
            ConsentAct::Given => "consent.given",
            ConsentAct::Withdrawn => "consent.withdrawn",
        };
        let deed = Deed::new(action, id)
            .within(Area::own_of(actor))
            .with(serde_json::json!({ "purpose": purpose.code() }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        Ok(consent)
    }
}
