//! An account with its rights and its membership, read in the transaction at hand.

use crate::{
    identity::{AccountView, IdentityError, IdentityService},
    kernel::{Actor, Grant, id::AccountId},
    store::{StoreError, Tx},
};

impl IdentityService {
    /// The caller's own account.
    pub async fn me(&self, actor: &Actor) -> Result<AccountView, IdentityError> {
        let mut tx = self.foundation.read().await?;
        Ok(self.view(&mut *tx, actor.account_id).await?)
    }

    /// An account that must exist.
    pub(crate) async fn view(
        &self,
        tx: &mut dyn Tx,
        id: AccountId,
    ) -> Result<AccountView, StoreError> {
        let account = tx.accounts().find(id).await?;
        let account = account.ok_or_else(|| StoreError::Corrupt {
            table: "accounts",
            id: id.to_string(),
        })?;
        let mut grants: Vec<Grant> = account.kind.inborn_grants().to_vec();
        grants.extend(tx.grants().of(id).await?);
        let membership = match account.person_id {
            Some(person) => self.affiliations.membership_of(tx, person).await?,
            None => None,
        };
        Ok(AccountView {
            account,
            grants,
            membership,
        })
    }
}
