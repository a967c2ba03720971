//! Everything that can go wrong here, in business words.

use super::objects::ObjectError;
use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object store cannot do its part now.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// Completion was reported, but no file came.
    #[error("no file has arrived for this upload")]
    ObjectMissing,
    /// Too late: begin anew.
    #[error("the upload has expired")]
    Expired,
}
