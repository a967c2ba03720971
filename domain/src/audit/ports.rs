//! Where the trail is kept: entries are appended and sealed, never changed.

use async_trait::async_trait;

use super::{AuditEntry, AuditLine, AuditQuery, ChainHead};
use crate::{
    kernel::{Backlog, Jurisdiction, Page, PageRequest, id::AuditEntryId},
    store::StoreError,
};

#[async_trait]
pub trait AuditLog: Send {
    async fn append(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.append_all(vec![entry]).await
    }
    async fn append_all(&mut self, entries: Vec<AuditEntry>) -> Result<(), StoreError>;
    /// Unsealed lines, oldest first.
    async fn unsealed(&mut self, limit: u64) -> Result<Vec<AuditLine>, StoreError>;
    /// What waits for the sealer.
    async fn backlog(&mut self) -> Result<Backlog, StoreError>;
    async fn head(&mut self) -> Result<ChainHead, StoreError>;
    /// Moves the head from `expected` and numbers the lines; `false` when another sealer was first.
    async fn seal(
        &mut self,
        expected: &ChainHead,
        lines: &[(AuditEntryId, ChainHead)],
    ) -> Result<bool, StoreError>;
    /// Sealed lines after `sequence` with their stored hashes, in order.
    async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: u64,
    ) -> Result<Vec<(AuditLine, [u8; 32])>, StoreError>;
    /// Newest first, inside the reader's area.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        query: &AuditQuery,
        page: PageRequest,
    ) -> Result<Page<AuditLine>, StoreError>;
}
