//! Everything that can go wrong here, in business words.

use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum VoucherError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
