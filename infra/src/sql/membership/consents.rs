//! The append-only record of consents.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::id::{AccountId, ConsentId},
    membership::{
        consents::consent::{Consent, ConsentAct, ConsentPurpose},
        ports::ConsentRepository,
    },
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entity::consent::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{error::store_error, rows::corrupt, store::SqlTx};

#[async_trait]
impl ConsentRepository for SqlTx {
    async fn append(&mut self, consent: &Consent) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(consent.id.uuid()),
            account_id: Set(consent.account_id.uuid()),
            purpose: Set(consent.purpose.code().to_owned()),
            version: Set(consent.version.clone()),
            act: Set(consent.act.code().to_owned()),
            at: Set(consent.at),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn in_force(
        &mut self,
        account: AccountId,
        purpose: ConsentPurpose,
    ) -> Result<Option<Consent>, StoreError> {
        let query = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(Column::Purpose.eq(purpose.code()))
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id);
        let latest = query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(consent)
            .transpose()?;
        Ok(latest.filter(|latest| latest.act == ConsentAct::Given))
    }
}

fn consent(row: Model) -> Result<Consent, StoreError> {
    let nonsense = || corrupt("consents", row.id);
    Ok(Consent {
        id: ConsentId::from_uuid(row.id),
        account_id: AccountId::from_uuid(row.account_id),
        purpose: ConsentPurpose::parse(&row.purpose).ok_or_else(nonsense)?,
        act: ConsentAct::parse(&row.act).ok_or_else(nonsense)?,
        version: row.version,
        at: row.at,
    })
}
