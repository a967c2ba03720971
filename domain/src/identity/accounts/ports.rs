//! Accounts as they are stored.

use async_trait::async_trait;

use super::account::Account;
use crate::{
    kernel::{
        Phone,
        id::{AccountId, PersonId},
    },
    store::StoreError,
};

#[async_trait]
pub trait AccountRepository: Send {
    async fn find(&mut self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// Inserts unless the openid, or the user name, is known already; `false`: it is, and nothing
    /// changed. WeChat accounts bring their openid, which is stored sealed.
    async fn insert(&mut self, account: &Account, openid: Option<&str>)
    -> Result<bool, StoreError>;
    async fn find_by_openid(&mut self, openid: &str) -> Result<Option<AccountId>, StoreError>;
    async fn openid_of(&mut self, id: AccountId) -> Result<Option<String>, StoreError>;
    async fn phone_of(&mut self, id: AccountId) -> Result<Option<Phone>, StoreError>;
    async fn set_phone(&mut self, id: AccountId, phone: &Phone) -> Result<(), StoreError>;
    async fn person_of(&mut self, id: AccountId) -> Result<Option<PersonId>, StoreError>;
    /// Links the verified person; `false` when the account already belongs to another one.
    async fn link_person(&mut self, id: AccountId, person: PersonId) -> Result<bool, StoreError>;
}
