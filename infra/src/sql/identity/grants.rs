//! Stored roles and their scopes. Lists are cut to the reader's area by joins with the tables that
//! know where a scope lies: stations and unions.

use async_trait::async_trait;
use niangjia_domain::{
    identity::staff::{ports::GrantRepository, staff_grant::StaffGrant},
    kernel::{
        Grant, Jurisdiction, Page, PageRequest,
        id::{AccountId, GrantId},
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, Statement, Value, sea_query::OnConflict,
};

use super::{
    entity::account_grant::{ActiveModel, Column, Entity, Model},
    grant_columns::GrantColumns,
};
use crate::sql::db::{error::store_error, store::SqlTx};

/// A grant with the station or union it is for.
const LOCATED: &str = "SELECT g.* FROM account_grants g \
     LEFT JOIN stations s ON s.id = g.station_id LEFT JOIN unions u ON u.id = g.union_id";

#[async_trait]
impl GrantRepository for SqlTx {
    async fn add(&mut self, grant: &StaffGrant) -> Result<bool, StoreError> {
        // Worker and donor come with a WeChat account: there is nothing to store.
        let Some(columns) = GrantColumns::of(&grant.grant) else {
            return Ok(false);
        };
        let row = ActiveModel {
            id: Set(grant.id.uuid()),
            account_id: Set(grant.account_id.uuid()),
            granted_at: Set(grant.granted_at),
            role: Set(columns.role),
            station_id: Set(columns.station_id),
            district: Set(columns.district),
            union_id: Set(columns.union_id),
        };
        // Whichever of the unique indexes it meets.
        let keep_first = OnConflict::new().do_nothing().to_owned();
        let inserted = Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn of(&mut self, account: AccountId) -> Result<Vec<Grant>, StoreError> {
        let query = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_asc(Column::Id);
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter()
            .map(|row| staff_grant(row).map(|grant| grant.grant))
            .collect()
    }

    async fn find(
        &mut self,
        id: GrantId,
        area: &Jurisdiction,
    ) -> Result<Option<StaffGrant>, StoreError> {
        let mut values = vec![id.uuid().into()];
        let inside = within(area, &mut values);
        let sql = format!("{LOCATED} WHERE g.id = $1 AND {inside}");
        Ok(self.staff_grants(sql, values).await?.pop())
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<StaffGrant>, StoreError> {
        let mut values = Vec::new();
        let mut sql = format!("{LOCATED} WHERE {}", within(area, &mut values));
        if let Some(after) = page.after {
            values.push(after.into());
            sql += &format!(" AND g.id < ${}", values.len());
        }
        sql += &format!(" ORDER BY g.id DESC LIMIT {}", page.limit + 1);
        Ok(Page::cut(
            self.staff_grants(sql, values).await?,
            page,
            |grant| grant.id.uuid(),
        ))
    }

    async fn remove(&mut self, id: GrantId) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(id.uuid())
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(deleted.rows_affected > 0)
    }
}

impl SqlTx {
    async fn staff_grants(
        &self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<StaffGrant>, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| staff_grant(Model::from_query_result(row, "").map_err(store_error)?))
            .collect()
    }
}

/// The condition that what a grant is for lies inside an area.
fn within(area: &Jurisdiction, values: &mut Vec<Value>) -> String {
    match area {
        Jurisdiction::Everywhere => "1 = 1".to_owned(),
        Jurisdiction::District(code) => {
            let (first, last) = code.text_bounds();
            values.extend([first.into(), last.into()]);
            let (first, last) = (values.len() - 1, values.len());
            format!("COALESCE(g.district, s.district, u.district) BETWEEN ${first} AND ${last}")
        }
        // A path holds the ids of all unions above and the union's own, in hexadecimal.
        Jurisdiction::Union(id) => {
            values.push(format!("%/{}/%", id.uuid().simple()).into());
            format!("u.path LIKE ${}", values.len())
        }
    }
}

fn staff_grant(row: Model) -> Result<StaffGrant, StoreError> {
    let (id, account, at) = (row.id, row.account_id, row.granted_at);
    let columns = GrantColumns {
        role: row.role,
        station_id: row.station_id,
        district: row.district,
        union_id: row.union_id,
    };
    Ok(StaffGrant {
        id: GrantId::from_uuid(id),
        account_id: AccountId::from_uuid(account),
        grant: columns.grant("account_grants", id)?,
        granted_at: at,
    })
}
