//! Reading the trail: cadres and auditors see their own area, administrators everything.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{AuditLine, ChainHead};
use crate::{
    kernel::{AccessError, Actor, DistrictCode, Page, PageRequest, id::AccountId},
    store::{Store, StoreError},
};

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is looked for (A2); what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Who did it.
    pub account: Option<AccountId>,
    /// What was done: `wish.published`.
    pub action: Option<String>,
    /// TypeID of what was acted on.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before, to the millisecond.
    pub to: Option<DateTime<Utc>>,
    /// Where; a prefecture covers its counties.
    pub district: Option<DistrictCode>,
}

/// Use cases of those who look after the trail.
#[derive(Clone)]
pub struct AuditService {
    pub store: Arc<dyn Store>,
}

impl AuditService {
    /// Lines of the reader's area, newest first.
    pub async fn entries(
        &self,
        actor: &Actor,
        query: &AuditQuery,
        page: PageRequest,
    ) -> Result<Page<AuditLine>, AuditError> {
        let area = actor.require_reader()?;
        let mut tx = self.store.read().await?;
        Ok(tx.audit().list(&area, query, page).await?)
    }

    /// The chain's head. It tells nothing about any line; kept elsewhere, it shows a tail that was
    /// cut later.
    pub async fn head(&self, actor: &Actor) -> Result<ChainHead, AuditError> {
        actor.require_reader()?;
        Ok(self.store.read().await?.audit().head().await?)
    }
}
