//! What this context needs from outside.

use async_trait::async_trait;

#[async_trait]
pub trait AccountRepository: Send {}

#[async_trait]
pub trait SessionRepository: Send {}

#[async_trait]
pub trait InvitationRepository: Send {}
