//! Invitations, found by a keyed hash of their code. One conditional update uses one up.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::staff::{
        invitation::{Invitation, InvitationCode},
        ports::InvitationRepository,
    },
    kernel::id::{AccountId, InvitationId},
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    entity::invitation::{ActiveModel, Column, Entity, Model},
    grant_columns::GrantColumns,
};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, took_effect},
    store::SqlTx,
};

const TABLE: &str = "invitations";

#[async_trait]
impl InvitationRepository for SqlTx {
    async fn insert(
        &mut self,
        invitation: &Invitation,
        code: &InvitationCode,
    ) -> Result<(), StoreError> {
        let columns =
            GrantColumns::of(&invitation.grant).ok_or_else(|| corrupt(TABLE, invitation.id))?;
        let row = ActiveModel {
            id: Set(invitation.id.uuid()),
            code_index: Set(self.code_index(code)),
            created_by: Set(invitation.created_by.uuid()),
            created_at: Set(invitation.created_at),
            expires_at: Set(invitation.expires_at),
            used_by: Set(None),
            used_at: Set(None),
            role: Set(columns.role),
            station_id: Set(columns.station_id),
            district: Set(columns.district),
            union_id: Set(columns.union_id),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_by_code(
        &mut self,
        code: &InvitationCode,
    ) -> Result<Option<Invitation>, StoreError> {
        let query = Entity::find().filter(Column::CodeIndex.eq(self.code_index(code)));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(invitation)
            .transpose()
    }

    async fn consume(
        &mut self,
        id: InvitationId,
        by: AccountId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::UsedBy, Expr::value(by.uuid()))
            .col_expr(Column::UsedAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::UsedBy.is_null())
            .filter(Column::ExpiresAt.gt(now));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn void_unused_of(
        &mut self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::ExpiresAt, Expr::value(now))
            .filter(Column::CreatedBy.eq(account.uuid()))
            .filter(Column::UsedBy.is_null())
            .filter(Column::ExpiresAt.gt(now));
        Ok(update
            .exec(&self.db())
            .await
            .map_err(store_error)?
            .rows_affected)
    }
}

impl SqlTx {
    fn code_index(&self, code: &InvitationCode) -> Vec<u8> {
        self.cipher.blind_index("invitations.code", code.expose())
    }
}

fn invitation(row: Model) -> Result<Invitation, StoreError> {
    let columns = GrantColumns {
        role: row.role,
        station_id: row.station_id,
        district: row.district,
        union_id: row.union_id,
    };
    Ok(Invitation {
        id: InvitationId::from_uuid(row.id),
        grant: columns.grant(TABLE, row.id)?,
        created_by: AccountId::from_uuid(row.created_by),
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_by: row.used_by.map(AccountId::from_uuid),
    })
}
