//! Reading the trail: cadres and auditors see their own area, administrators everything.

use std::sync::Arc;

use super::{AuditLine, ChainHead};
use crate::{
    kernel::{AccessError, Actor, Page, PageRequest},
    store::{Store, StoreError},
};

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Store(#[from] StoreError),
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
        page: PageRequest,
    ) -> Result<Page<AuditLine>, AuditError> {
        let area = actor.require_reader()?;
        Ok(self.store.read().await?.audit().list(&area, page).await?)
    }

    /// The chain's head. It tells nothing about any line; kept elsewhere, it shows a tail that was
    /// cut later.
    pub async fn head(&self, actor: &Actor) -> Result<ChainHead, AuditError> {
        actor.require_reader()?;
        Ok(self.store.read().await?.audit().head().await?)
    }
}
