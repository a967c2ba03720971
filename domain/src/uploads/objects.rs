//! What uploads needs from an object store and from a picture library.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::object_key::ObjectKey;

/// What a phone may post, and until when: one new object of one type within a size range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadPolicy {
    pub key: ObjectKey,
    pub content_type: String,
    pub min_bytes: u64,
    pub max_bytes: u64,
    /// The moment of signing; the same policy always gives the same form.
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A PostObject form for `wx.uploadFile`: `fields` in `formData`, the file last under `file_field`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    pub url: String,
    pub fields: Vec<(String, String)>,
    pub file_field: &'static str,
}

/// Texts are for the operator: codes and causes, never URLs, signatures or answers of the store.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    #[error("no such object")]
    NotFound,
    /// Larger than the caller was ready to read.
    #[error("object too large")]
    TooLarge,
    #[error("object store unavailable: {0}")]
    Unavailable(String),
    /// Our key, bucket or clock is wrong: alarm the operator.
    #[error("object store refuses this installation: {0}")]
    Misconfigured(String),
}

/// A private bucket. Every call ends within a bounded time; passing faults have already been
/// retried.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// A form that the store itself checks; no network call.
    fn upload_form(&self, policy: &UploadPolicy) -> Result<UploadForm, ObjectError>;
    /// A short-lived URL to read one object; no network call.
    fn read_url(&self, key: &ObjectKey, expires_at: DateTime<Utc>) -> Result<String, ObjectError>;
    /// Bytes of the object.
    async fn size(&self, key: &ObjectKey) -> Result<u64, ObjectError>;
    async fn get(&self, key: &ObjectKey, max_bytes: u64) -> Result<Vec<u8>, ObjectError>;
    /// Durable on return. Replaces what is there, so that a repetition is harmless.
    async fn put(
        &self,
        key: &ObjectKey,
        content_type: &str,
        bytes: Vec<u8>,
    ) -> Result<(), ObjectError>;
    /// Deleting what is not there succeeds.
    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError>;
    /// Writes, reads and deletes a small object; for `doctor`.
    async fn probe(&self) -> Result<(), ObjectError>;
}

/// A photo made safe to show: upright, without metadata, with a thumbnail. Both are JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanPhoto {
    pub jpeg: Vec<u8>,
    pub thumbnail: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PhotoError {
    /// Not a picture of a kind that is accepted, whatever its name says.
    #[error("not an accepted picture")]
    NotAPicture,
    #[error("picture too large")]
    TooLarge,
    /// Cut off or damaged.
    #[error("picture damaged")]
    Damaged,
}

#[async_trait]
pub trait PhotoStudio: Send + Sync {
    /// Sniffs the real type (JPEG, PNG, WebP), bounds size and memory, applies orientation,
    /// re-encodes.
    async fn clean(&self, original: Vec<u8>) -> Result<CleanPhoto, PhotoError>;
}
