//! What this context needs from outside.

use async_trait::async_trait;

use super::standing::Standing;
use crate::{kernel::id::PersonId, store::StoreError};

#[async_trait]
pub trait PersonRepository: Send {}

#[async_trait]
pub trait ConsentRepository: Send {}

#[async_trait]
pub trait UnionRepository: Send {}

#[async_trait]
pub trait RosterRepository: Send {}

#[async_trait]
pub trait MembershipRepository: Send {
    /// The live standing that benefits may rest on; `None` for everybody else (M9: never cached).
    async fn standing_of(&mut self, person: PersonId) -> Result<Option<Standing>, StoreError>;
}
