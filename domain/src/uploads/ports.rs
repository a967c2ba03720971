//! What this context needs from the database.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::upload::{Upload, UploadState};
use crate::{
    kernel::id::{AccountId, UploadId},
    store::StoreError,
};

#[async_trait]
pub trait UploadRepository: Send {
    async fn insert(&mut self, upload: &Upload) -> Result<(), StoreError>;
    /// One upload of this owner; somebody else's is absent.
    async fn find_own(
        &mut self,
        owner: AccountId,
        id: UploadId,
    ) -> Result<Option<Upload>, StoreError>;
    /// Writes the new state if the stored one still is `was`; `false` when somebody was faster.
    async fn save(&mut self, upload: &Upload, was: &UploadState) -> Result<bool, StoreError>;
    /// Of `ids`, the ready ones of this owner.
    async fn ready_of(
        &mut self,
        owner: AccountId,
        ids: &[UploadId],
    ) -> Result<Vec<Upload>, StoreError>;
    /// Of `ids`, the ready ones, for a context that attached them and has already authorised its
    /// reader.
    async fn ready(&mut self, ids: &[UploadId]) -> Result<Vec<Upload>, StoreError>;
    /// Uploads whose original is still there although they are settled, or were begun before
    /// `given_up_before`.
    async fn with_stale_original(
        &mut self,
        given_up_before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Upload>, StoreError>;
    /// Notes that the original is gone from the object store.
    async fn original_removed(&mut self, id: UploadId) -> Result<(), StoreError>;
}
