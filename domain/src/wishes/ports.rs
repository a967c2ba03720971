//! What this context needs from outside.

use async_trait::async_trait;

#[async_trait]
pub trait WishRepository: Send {}

#[async_trait]
pub trait WishClaimRepository: Send {}
