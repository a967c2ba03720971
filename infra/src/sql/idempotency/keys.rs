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
    ColumnTrait, EntityTrait, QueryFilter,
    prelude::Json,
    sea_query::{Expr, OnConflict},
};

use super::entity::idempotency_key::{ActiveModel, Column, Entity};
use crate::sql::db::{
    bulk::{Cells, Rows, cell, place},
    error::store_error,
    store::SqlTx,
};

#[async_trait]
impl IdempotencyRepository for SqlTx {
    async fn reserve(
        &mut self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Reservation, StoreError> {
        let row = ActiveModel {
            account_id: Set(request.account_id.uuid()),
            key: Set(request.key.as_str().to_owned()),
            fingerprint: Set(request.fingerprint.to_vec()),
            reserved_at: Set(now),
            answer: Set(None),
        };
        let keep_first = OnConflict::columns([Column::AccountId, Column::Key])
            .do_nothing()
            .to_owned();
        let inserted = match Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await
        {
            Ok(inserted) => inserted,
            // A twin holds the row until it ends: its answer was waited for, and is not there yet.
            Err(error) => {
                return match store_error(error) {
                    StoreError::Locked { .. } => Ok(Reservation::InFlight),
                    other => Err(other),
                };
            }
        };
        if inserted > 0 {
            Ok(Reservation::Fresh)
        } else {
            self.first(request).await
        }
    }

    async fn record(
        &mut self,
        request: &IdempotentRequest,
        answer: serde_json::Value,
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Answer, Expr::value(answer))
            .filter(Column::AccountId.eq(request.account_id.uuid()))
            .filter(Column::Key.eq(request.key.as_str()))
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn first_answers(
        &mut self,
        requests: &[&IdempotentRequest],
    ) -> Result<Vec<Reservation>, StoreError> {
        let sql = "SELECT t.ordinal, k.fingerprint, k.answer FROM {rows} CROSS JOIN idempotency_keys k \
                   WHERE k.account_id = t.account_id AND k.key = t.key";
        let keys = Rows::default()
            .uuids(
                "account_id",
                requests.iter().map(|request| request.account_id.uuid()),
            )
            .texts(
                "key",
                requests
                    .iter()
                    .map(|request| request.key.as_str().to_owned()),
            );
        let mut found = vec![Reservation::Fresh; requests.len()];
        for row in self.query_rows(sql, [], keys).await? {
            let n = place(self.backend(), &row)?;
            let (fingerprint, answer): (Vec<u8>, _) =
                (cell(&row, "fingerprint")?, cell(&row, "answer")?);
            found[n] = reservation(requests[n], &fingerprint, answer);
        }
        Ok(found)
    }

    async fn keep(
        &mut self,
        mut answers: Vec<(&IdempotentRequest, Json)>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        // In one order everywhere, so that two groups wait for each other's keys in a row and not
        // in a ring.
        answers.sort_by(|(a, _), (b, _)| {
            (a.account_id, a.key.as_str()).cmp(&(b.account_id, b.key.as_str()))
        });
        let wanted = answers.len() as u64;
        let sql = "INSERT INTO idempotency_keys (account_id, key, fingerprint, reserved_at, answer) \
                   SELECT t.account_id, t.key, t.fingerprint, $1, t.answer FROM {rows} WHERE true ORDER BY t.ordinal \
                   ON CONFLICT (account_id, key) DO NOTHING";
        let rows = Rows::default()
            .uuids(
                "account_id",
                answers.iter().map(|(request, _)| request.account_id.uuid()),
            )
            .texts(
                "key",
                answers
                    .iter()
                    .map(|(request, _)| request.key.as_str().to_owned()),
            )
            .with(
                "fingerprint",
                Cells::Bytes(
                    answers
                        .iter()
                        .map(|(request, _)| request.fingerprint.to_vec())
                        .collect(),
                ),
            )
            .with(
                "answer",
                Cells::Documents(answers.into_iter().map(|(_, answer)| answer).collect()),
            );
        Ok(self.run_rows(sql, [now.into()], rows).await? == wanted)
    }

    async fn forget_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM idempotency_keys WHERE (account_id, key) IN (\
                   SELECT account_id, key FROM idempotency_keys WHERE reserved_at < $1 \
                   ORDER BY reserved_at LIMIT {limit})";
        self.remove(sql, [instant.into()], limit).await
    }
}

impl SqlTx {
    async fn first(&self, request: &IdempotentRequest) -> Result<Reservation, StoreError> {
        let key = (request.account_id.uuid(), request.key.as_str().to_owned());
        let first = Entity::find_by_id(key)
            .one(&self.db())
            .await
            .map_err(store_error)?;
        Ok(match first {
            Some(row) => reservation(request, &row.fingerprint, row.answer),
            None => Reservation::InFlight,
        })
    }
}

fn reservation(
    request: &IdempotentRequest,
    fingerprint: &[u8],
    answer: Option<Json>,
) -> Reservation {
    if fingerprint != request.fingerprint {
        return Reservation::OtherBody;
    }
    answer.map_or(Reservation::InFlight, Reservation::Answered)
}
