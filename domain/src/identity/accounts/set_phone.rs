//! The phone number comes from WeChat's own authorisation, never typed.

use crate::{
    audit::{Area, Deed},
    identity::{AccountView, IdentityError, IdentityService},
    kernel::{AccessError, Actor, Role},
};

impl IdentityService {
    pub async fn set_phone(
        &self,
        actor: &Actor,
        phone_code: &str,
    ) -> Result<AccountView, IdentityError> {
        actor.require(Role::Worker)?;
        let openid = self
            .foundation
            .read()
            .await?
            .accounts()
            .openid_of(actor.account_id)
            .await?;
        let openid = openid.ok_or(AccessError::Forbidden)?;
        let phone = self.wechat.phone_number(phone_code, &openid).await?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        tx.accounts().set_phone(actor.account_id, &phone).await?;
        let deed = Deed::new("account.phone_set", actor.account_id).within(Area::own_of(actor));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        let view = self.view(&mut *tx, actor.account_id).await?;
        tx.commit().await?;
        Ok(view)
    }
}
