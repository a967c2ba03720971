//! What this context needs from outside.

use async_trait::async_trait;

#[async_trait]
pub trait VoucherBatchRepository: Send {}

#[async_trait]
pub trait VoucherRepository: Send {}

#[async_trait]
pub trait RedemptionRepository: Send {}
