//! First answers. The primary key (account, key) decides which of two twins goes first.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        IdempotentRequest,
        idempotency::{IdempotencyRepository, Reservation},
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{
    entity::idempotency_key::{ActiveModel, Column, Entity},
    error::store_error,
    store::SqlTx,
};

#[async_trait]
impl IdempotencyRepository for SqlTx {
    async fn reserve(&mut self, request: &IdempotentRequest, now: DateTime<Utc>) -> Result<Reservation, StoreError> {
        // A twin holds the row until it ends; wait a little for its answer, then say that it is in flight.
        if self.backend() == DbBackend::Postgres {
            self.db().execute_unprepared("SET LOCAL lock_timeout = '2s'").await.map_err(store_error)?;
        }
        let row = ActiveModel {
            account_id: Set(request.account_id.uuid()),
            key: Set(request.key.as_str().to_owned()),
            fingerprint: Set(request.fingerprint.to_vec()),
            reserved_at: Set(now),
            answer: Set(None),
        };
        let keep_first = OnConflict::columns([Column::AccountId, Column::Key]).do_nothing().to_owned();
        let inserted = match Entity::insert(row).on_conflict(keep_first).exec_without_returning(&self.db()).await {
            Ok(inserted) => inserted,
            Err(error) => return in_flight_or(store_error(error)),
        };
        if self.backend() == DbBackend::Postgres {
            self.db().execute_unprepared("SET LOCAL lock_timeout = DEFAULT").await.map_err(store_error)?;
        }
        if inserted > 0 { Ok(Reservation::Fresh) } else { self.first(request).await }
    }

    async fn record(&mut self, request: &IdempotentRequest, answer: serde_json::Value) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Answer, Expr::value(answer))
            .filter(Column::AccountId.eq(request.account_id.uuid()))
            .filter(Column::Key.eq(request.key.as_str()))
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn forget_before(&mut self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        let deleted =
            Entity::delete_many().filter(Column::ReservedAt.lt(instant)).exec(&self.db()).await.map_err(store_error)?;
        Ok(deleted.rows_affected)
    }
}

impl SqlTx {
    async fn first(&self, request: &IdempotentRequest) -> Result<Reservation, StoreError> {
        let key = (request.account_id.uuid(), request.key.as_str().to_owned());
        let first = Entity::find_by_id(key).one(&self.db()).await.map_err(store_error)?;
        Ok(match first {
            Some(row) if row.fingerprint != request.fingerprint => Reservation::OtherBody,
            Some(row) => row.answer.map_or(Reservation::InFlight, Reservation::Answered),
            None => Reservation::InFlight,
        })
    }
}

fn in_flight_or(error: StoreError) -> Result<Reservation, StoreError> {
    match error {
        StoreError::Unavailable(cause) if cause.to_string().contains("lock timeout") => Ok(Reservation::InFlight),
        other => Err(other),
    }
}
