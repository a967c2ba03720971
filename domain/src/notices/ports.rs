//! Where inboxes are kept, by owner: a second delivery changes nothing.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::notice::Notice;
use crate::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, NoticeId},
    },
    store::StoreError,
};

#[async_trait]
pub trait NoticeRepository: Send {
    /// Puts notices into their recipients' inboxes; those that are there already stay as they are.
    /// Returns how many are new.
    async fn deliver(&mut self, notices: &[Notice]) -> Result<u64, StoreError>;
    /// Newest first.
    async fn list_of(
        &mut self,
        recipient: AccountId,
        page: PageRequest,
    ) -> Result<Page<Notice>, StoreError>;
    async fn find_of(
        &mut self,
        recipient: AccountId,
        id: NoticeId,
    ) -> Result<Option<Notice>, StoreError>;
    /// Sets the time of the first reading; `false` when it was read before, or is not this
    /// recipient's.
    async fn mark_read(
        &mut self,
        recipient: AccountId,
        id: NoticeId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Forgets up to `limit` notices of what happened before `instant`, oldest first; returns how
    /// many.
    async fn forget_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
