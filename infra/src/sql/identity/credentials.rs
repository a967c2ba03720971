//! Passwords and second factors. Every step is a guarded update, so no code is good twice and no
//! secret is confirmed that was not proved.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{
        Username,
        sessions::{
            credential::{Credential, Failure, PasswordHash, SecondFactor},
            ports::CredentialRepository,
        },
    },
    kernel::id::AccountId,
    store::StoreError,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};

use super::entity::credential::{ActiveModel, Column, Entity, Model};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{error::store_error, rows::took_effect, store::SqlTx},
};

const TABLE: &str = "credentials";

#[async_trait]
impl CredentialRepository for SqlTx {
    async fn insert(
        &mut self,
        account: AccountId,
        hash: &PasswordHash,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            account_id: Set(account.uuid()),
            password_hash: Set(hash.as_str().to_owned()),
            password_set_at: Set(now),
            totp_secret: NotSet,
            totp_offered_at: NotSet,
            totp_confirmed_at: NotSet,
            totp_last_step: NotSet,
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find(&mut self, account: AccountId) -> Result<Option<Credential>, StoreError> {
        let row = Entity::find_by_id(account.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(|row| self.credential(row)).transpose()
    }

    async fn find_by_username(
        &mut self,
        username: &Username,
    ) -> Result<Option<Credential>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT c.* FROM credentials c JOIN accounts a ON a.id = c.account_id WHERE a.username = $1",
            [username.as_str().into()],
        );
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        let row = row
            .map(|row| Model::from_query_result(&row, ""))
            .transpose()
            .map_err(store_error)?;
        row.map(|row| self.credential(row)).transpose()
    }

    async fn offer_totp(
        &mut self,
        account: AccountId,
        secret: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sealed = self.seal(secret_cell(account), secret.expose_secret())?;
        let update = Entity::update_many()
            .col_expr(Column::TotpSecret, Expr::value(sealed))
            .col_expr(Column::TotpOfferedAt, Expr::value(now))
            .col_expr(Column::TotpLastStep, Expr::value(Option::<i64>::None))
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(Column::TotpConfirmedAt.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn confirm_totp(
        &mut self,
        account: AccountId,
        offered_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::TotpConfirmedAt, Expr::value(now))
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(Column::TotpOfferedAt.eq(offered_at))
            .filter(Column::TotpConfirmedAt.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn burn_totp_step(&mut self, account: AccountId, step: u64) -> Result<bool, StoreError> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let earlier = Condition::any()
            .add(Column::TotpLastStep.is_null())
            .add(Column::TotpLastStep.lt(step));
        let update = Entity::update_many()
            .col_expr(Column::TotpLastStep, Expr::value(step))
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(earlier);
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn note_failure(
        &mut self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<Failure, StoreError> {
        self.count_failure(username, now).await
    }

    async fn locked_until(
        &mut self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.lock_of(username, now).await
    }

    async fn forgive(&mut self, username: &Username, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.forget_failures(username, now).await
    }

    async fn forget_stale_failures(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        self.sweep_failures(now, limit).await
    }
}

impl SqlTx {
    fn credential(&self, row: Model) -> Result<Credential, StoreError> {
        let account_id = AccountId::from_uuid(row.account_id);
        let second_factor = match (row.totp_secret, row.totp_offered_at) {
            (Some(sealed), Some(offered_at)) => {
                let secret = SecretString::from(self.open(secret_cell(account_id), &sealed)?);
                match row.totp_confirmed_at {
                    Some(_) => SecondFactor::Confirmed(secret),
                    None => SecondFactor::Pending { secret, offered_at },
                }
            }
            _ => SecondFactor::None,
        };
        Ok(Credential {
            account_id,
            password: PasswordHash::new(row.password_hash),
            second_factor,
        })
    }
}

fn secret_cell(account: AccountId) -> Cell {
    Cell {
        table: TABLE,
        column: "totp_secret",
        row: account.uuid(),
    }
}
