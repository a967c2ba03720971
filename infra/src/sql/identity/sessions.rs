//! Sessions. The conditional update on the generation decides which of two parallel refreshes
//! rotates.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{
        accounts::account::AccountKind,
        sessions::{ports::SessionRepository, session::Session, token::AccessClaims},
    },
    kernel::{
        Actor, Bearer,
        id::{AccountId, PersonId, SessionId},
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    entity::session::{ActiveModel, Column, Entity, Model},
    grant_columns::GrantColumns,
};
use crate::sql::db::{
    bulk::{Rows, place},
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

const TABLE: &str = "sessions";

#[async_trait]
impl SessionRepository for SqlTx {
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(session.id.uuid()),
            account_id: Set(session.account_id.uuid()),
            generation: Set(parsed(
                TABLE,
                session.id.uuid(),
                i32::try_from(session.generation),
            )?),
            rotated_at: Set(session.rotated_at),
            created_at: Set(session.created_at),
            expires_at: Set(session.expires_at),
            revoked_at: Set(session.revoked_at),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(session).transpose()
    }

    async fn actor(
        &mut self,
        claims: &AccessClaims,
        request_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Actor>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT a.kind, a.person_id, g.id AS grant_id, g.role, g.station_id, g.district, g.union_id \
             FROM sessions s JOIN accounts a ON a.id = s.account_id \
             LEFT JOIN account_grants g ON g.account_id = a.id \
             WHERE s.id = $1 AND s.account_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 ORDER BY g.id",
            [
                claims.session_id.uuid().into(),
                claims.account_id.uuid().into(),
                now.into(),
            ],
        );
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let rows: Result<Vec<_>, _> = rows
            .iter()
            .map(|row| HolderRow::from_query_result(row, ""))
            .collect();
        actor(rows.map_err(store_error)?, claims, request_id)
    }

    async fn actors(
        &mut self,
        bearers: &[&Bearer],
        now: DateTime<Utc>,
    ) -> Result<Vec<Option<Actor>>, StoreError> {
        let sql = "SELECT t.ordinal, a.kind, a.person_id, g.id AS grant_id, g.role, g.station_id, g.district, g.union_id \
                   FROM {rows} CROSS JOIN sessions s JOIN accounts a ON a.id = s.account_id \
                   LEFT JOIN account_grants g ON g.account_id = a.id \
                   WHERE s.id = t.session_id AND s.account_id = t.account_id \
                     AND s.revoked_at IS NULL AND s.expires_at > $1 ORDER BY g.id";
        let wanted = Rows::default()
            .uuids(
                "session_id",
                bearers.iter().map(|bearer| bearer.session_id.uuid()),
            )
            .uuids(
                "account_id",
                bearers.iter().map(|bearer| bearer.account_id.uuid()),
            );
        let mut holders: Vec<Vec<HolderRow>> = bearers.iter().map(|_| Vec::new()).collect();
        for row in self.query_rows(sql, [now.into()], wanted).await? {
            let holder = HolderRow::from_query_result(&row, "").map_err(store_error)?;
            holders[place(self.backend(), &row)?].push(holder);
        }
        let claims = |bearer: &Bearer| AccessClaims {
            account_id: bearer.account_id,
            session_id: bearer.session_id,
        };
        bearers
            .iter()
            .zip(holders)
            .map(|(one, rows)| actor(rows, &claims(one), &one.request_id))
            .collect()
    }

    async fn rotate(
        &mut self,
        id: SessionId,
        generation: u32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Ok(generation) = i32::try_from(generation) else {
            return Ok(false);
        };
        let update = Entity::update_many()
            .col_expr(Column::Generation, Expr::col(Column::Generation).add(1))
            .col_expr(Column::RotatedAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Generation.eq(generation))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresAt.gt(now));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn revoke(&mut self, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::RevokedAt.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn forget_expired_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM sessions WHERE id IN (\
                   SELECT id FROM sessions WHERE expires_at < $1 \
                   ORDER BY expires_at LIMIT {limit})";
        self.remove(sql, [instant.into()], limit).await
    }
}

/// A live session's account, once per stored role.
#[derive(Debug, FromQueryResult)]
struct HolderRow {
    kind: String,
    person_id: Option<Uuid>,
    grant_id: Option<Uuid>,
    role: Option<String>,
    station_id: Option<Uuid>,
    district: Option<String>,
    union_id: Option<Uuid>,
}

fn actor(
    rows: Vec<HolderRow>,
    claims: &AccessClaims,
    request_id: &str,
) -> Result<Option<Actor>, StoreError> {
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let kind =
        AccountKind::parse(&first.kind).ok_or_else(|| corrupt("accounts", claims.account_id))?;
    let person_id = first.person_id.map(PersonId::from_uuid);
    let mut grants = kind.inborn_grants().to_vec();
    for row in rows {
        let (Some(id), Some(role)) = (row.grant_id, row.role) else {
            continue;
        };
        let columns = GrantColumns {
            role,
            station_id: row.station_id,
            district: row.district,
            union_id: row.union_id,
        };
        grants.push(columns.grant("account_grants", id)?);
    }
    Ok(Some(Actor {
        account_id: claims.account_id,
        person_id,
        session_id: claims.session_id,
        grants,
        request_id: request_id.to_owned(),
    }))
}

fn session(row: Model) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::from_uuid(row.id),
        account_id: AccountId::from_uuid(row.account_id),
        generation: parsed(TABLE, row.id, u32::try_from(row.generation))?,
        rotated_at: row.rotated_at,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}
