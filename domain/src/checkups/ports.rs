//! What this context needs from outside.

use async_trait::async_trait;

#[async_trait]
pub trait CampaignRepository: Send {}

#[async_trait]
pub trait BookingRepository: Send {}
