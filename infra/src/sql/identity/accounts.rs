//! Accounts. Openid and phone are sealed; the unique blind index of the openid decides about
//! parallel first sign-ins.

use async_trait::async_trait;
use niangjia_domain::{
    identity::{
        Account, Username,
        accounts::{account::AccountKind, ports::AccountRepository},
    },
    kernel::{
        Phone,
        id::{AccountId, PersonId},
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::entity::account::{ActiveModel, Column, Entity, Model};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        error::store_error,
        rows::{corrupt, parsed, took_effect},
        store::SqlTx,
    },
};

const TABLE: &str = "accounts";

#[async_trait]
impl AccountRepository for SqlTx {
    async fn find(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(|row| self.account(row)).transpose()
    }

    async fn insert(
        &mut self,
        account: &Account,
        openid: Option<&str>,
    ) -> Result<bool, StoreError> {
        let id = account.id.uuid();
        let seal = |column, text: &str| {
            self.seal(
                Cell {
                    table: TABLE,
                    column,
                    row: id,
                },
                text,
            )
        };
        let row = ActiveModel {
            id: Set(id),
            kind: Set(account.kind.code().to_owned()),
            openid: Set(openid.map(|openid| seal("openid", openid)).transpose()?),
            openid_index: Set(openid.map(|openid| self.openid_index(openid))),
            username: Set(account.username.as_ref().map(ToString::to_string)),
            nickname: Set(account.nickname.clone()),
            phone: Set(account
                .phone
                .as_ref()
                .map(|phone| seal("phone", phone.expose()))
                .transpose()?),
            phone_index: Set(account.phone.as_ref().map(|phone| self.phone_index(phone))),
            person_id: Set(account.person_id.map(|person| person.uuid())),
            created_at: Set(account.created_at),
        };
        let key = match account.kind {
            AccountKind::Wechat => Column::OpenidIndex,
            AccountKind::BackOffice => Column::Username,
        };
        let keep_first = OnConflict::column(key).do_nothing().to_owned();
        let inserted = Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn find_by_openid(&mut self, openid: &str) -> Result<Option<AccountId>, StoreError> {
        let query = Entity::find().select_only().column(Column::Id);
        let query = query.filter(Column::OpenidIndex.eq(self.openid_index(openid)));
        let id: Option<uuid::Uuid> = query
            .into_tuple()
            .one(&self.db())
            .await
            .map_err(store_error)?;
        Ok(id.map(AccountId::from_uuid))
    }

    async fn openid_of(&mut self, id: AccountId) -> Result<Option<String>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        let cell = Cell {
            table: TABLE,
            column: "openid",
            row: id.uuid(),
        };
        row.and_then(|row| row.openid)
            .map(|sealed| self.open(cell, &sealed))
            .transpose()
    }

    async fn phone_of(&mut self, id: AccountId) -> Result<Option<Phone>, StoreError> {
        Ok(AccountRepository::find(self, id)
            .await?
            .and_then(|account| account.phone))
    }

    async fn set_phone(&mut self, id: AccountId, phone: &Phone) -> Result<(), StoreError> {
        let cell = Cell {
            table: TABLE,
            column: "phone",
            row: id.uuid(),
        };
        let sealed = self.seal(cell, phone.expose())?;
        Entity::update_many()
            .col_expr(Column::Phone, Expr::value(sealed))
            .col_expr(Column::PhoneIndex, Expr::value(self.phone_index(phone)))
            .filter(Column::Id.eq(id.uuid()))
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn person_of(&mut self, id: AccountId) -> Result<Option<PersonId>, StoreError> {
        let query = Entity::find_by_id(id.uuid())
            .select_only()
            .column(Column::PersonId);
        let person: Option<Option<uuid::Uuid>> = query
            .into_tuple()
            .one(&self.db())
            .await
            .map_err(store_error)?;
        Ok(person.flatten().map(PersonId::from_uuid))
    }

    async fn link_person(&mut self, id: AccountId, person: PersonId) -> Result<bool, StoreError> {
        let free_or_same = Condition::any()
            .add(Column::PersonId.is_null())
            .add(Column::PersonId.eq(person.uuid()));
        let update = Entity::update_many()
            .col_expr(Column::PersonId, Expr::value(person.uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(free_or_same);
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }
}

impl SqlTx {
    fn openid_index(&self, openid: &str) -> Vec<u8> {
        self.cipher.blind_index("accounts.openid", openid)
    }

    fn account(&self, row: Model) -> Result<Account, StoreError> {
        let id = AccountId::from_uuid(row.id);
        let username = row
            .username
            .map(|name| parsed(TABLE, row.id, Username::parse(&name)))
            .transpose()?;
        let phone_cell = Cell {
            table: TABLE,
            column: "phone",
            row: row.id,
        };
        let phone = row
            .phone
            .map(|sealed| self.open_phone(phone_cell, &sealed))
            .transpose()?;
        Ok(Account {
            id,
            kind: AccountKind::parse(&row.kind).ok_or_else(|| corrupt(TABLE, id))?,
            username,
            nickname: row.nickname,
            phone,
            person_id: row.person_id.map(PersonId::from_uuid),
            created_at: row.created_at,
        })
    }
}
