use async_trait::async_trait;
use niangjia_domain::{
    identity::ports::AccountRepository,
    kernel::{
        Phone,
        id::{AccountId, PersonId},
    },
    store::StoreError,
};

use super::store::SqlTx;

#[async_trait]
impl AccountRepository for SqlTx {
    async fn openid_of(&mut self, _: AccountId) -> Result<Option<String>, StoreError> {
        Ok(None)
    }
    async fn phone_of(&mut self, _: AccountId) -> Result<Option<Phone>, StoreError> {
        Ok(None)
    }
    async fn set_phone(&mut self, _: AccountId, _: &Phone) -> Result<(), StoreError> {
        Ok(())
    }
    async fn person_of(&mut self, _: AccountId) -> Result<Option<PersonId>, StoreError> {
        Ok(None)
    }
    async fn link_person(&mut self, _: AccountId, _: PersonId) -> Result<bool, StoreError> {
        Ok(true)
    }
}
