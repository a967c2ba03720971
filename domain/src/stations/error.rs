//! Everything that can go wrong here, in business words.

use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// Another station of the district has this name.
    #[error("station name taken")]
    NameTaken,
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
