//! Everything that can go wrong here, in business words.

use crate::{kernel::AccessError, store::StoreError};

#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
