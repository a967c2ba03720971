//! What this context needs from outside.

use async_trait::async_trait;

use crate::{
    kernel::{
        Phone,
        id::{AccountId, PersonId},
    },
    store::StoreError,
};

#[async_trait]
pub trait AccountRepository: Send {
    async fn openid_of(&mut self, id: AccountId) -> Result<Option<String>, StoreError>;
    async fn phone_of(&mut self, id: AccountId) -> Result<Option<Phone>, StoreError>;
    async fn set_phone(&mut self, id: AccountId, phone: &Phone) -> Result<(), StoreError>;
    async fn person_of(&mut self, id: AccountId) -> Result<Option<PersonId>, StoreError>;
    /// Links the verified person; `false` when the account already belongs to another one.
    async fn link_person(&mut self, id: AccountId, person: PersonId) -> Result<bool, StoreError>;
}

#[async_trait]
pub trait SessionRepository: Send {}

#[async_trait]
pub trait InvitationRepository: Send {}
