//! Stored roles and their scopes. Whether a scope lies in somebody's area is asked of the tables that know: stations
//! and unions.

use async_trait::async_trait;
use niangjia_domain::{
    identity::{ports::GrantRepository, staff_grant::StaffGrant},
    kernel::{
        Grant, Jurisdiction, Page, PageRequest,
        id::{AccountId, GrantId},
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement,
    Value, sea_query::OnConflict,
};

use super::{
    entity::account_grant::{ActiveModel, Column, Entity, Model},
    error::store_error,
    grant_columns::GrantColumns,
    store::SqlTx,
};

/// A grant with the station or union it is for.
const LOCATED: &str = "SELECT g.* FROM account_grants g \
     LEFT JOIN stations s ON s.id = g.station_id LEFT JOIN unions u ON u.id = g.union_id";
const DISTRICT: &str = "COALESCE(g.district, s.district, u.district)";

#[async_trait]
impl GrantRepository for SqlTx {
    async fn add(&mut self, grant: &StaffGrant) -> Result<bool, StoreError> {
        // Worker and donor come with a WeChat account: there is nothing to store.
        let Some(columns) = GrantColumns::of(&grant.grant) else { return Ok(false) };
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
        let inserted = Entity::insert(row).on_conflict(keep_first).exec_without_returning(&self.db()).await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn of(&mut self, account: AccountId) -> Result<Vec<Grant>, StoreError> {
        let query = Entity::find().filter(Column::AccountId.eq(account.uuid())).order_by_asc(Column::Id);
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter().map(|row| staff_grant(row).map(|grant| grant.grant)).collect()
    }

    async fn lies_within(&mut self, grant: &Grant, area: &Jurisdiction) -> Result<bool, StoreError> {
        match grant {
            Grant::Worker | Grant::Donor => Ok(false),
            Grant::Admin | Grant::Cadre(Jurisdiction::Everywhere) | Grant::Auditor(Jurisdiction::Everywhere) => {
                Ok(*area == Jurisdiction::Everywhere)
            }
            Grant::Cadre(Jurisdiction::District(district)) | Grant::Auditor(Jurisdiction::District(district)) => {
                Ok(area.covers_district(*district))
            }
            Grant::StationStaff(id) => {
                let found = "SELECT 1 AS one FROM stations s WHERE s.id = $1";
                self.exists(found, id.uuid().into(), area, "s.district", "NULL").await
            }
            Grant::Cadre(Jurisdiction::Union(id)) | Grant::Auditor(Jurisdiction::Union(id)) => {
                let found = "SELECT 1 AS one FROM unions u WHERE u.id = $1";
                self.exists(found, id.uuid().into(), area, "u.district", "u.path").await
            }
        }
    }

    async fn find(&mut self, id: GrantId, area: &Jurisdiction) -> Result<Option<StaffGrant>, StoreError> {
        let mut values = vec![id.uuid().into()];
        let inside = within(area, DISTRICT, "u.path", &mut values);
        let sql = format!("{LOCATED} WHERE g.id = $1 AND {inside}");
        Ok(self.staff_grants(sql, values).await?.pop())
    }

    async fn list(&mut self, area: &Jurisdiction, page: PageRequest) -> Result<Page<StaffGrant>, StoreError> {
        let mut values = Vec::new();
        let mut sql = format!("{LOCATED} WHERE {}", within(area, DISTRICT, "u.path", &mut values));
        if let Some(after) = page.after {
            values.push(after.into());
            sql += &format!(" AND g.id < ${}", values.len());
        }
        sql += &format!(" ORDER BY g.id DESC LIMIT {}", page.limit + 1);
        Ok(Page::cut(self.staff_grants(sql, values).await?, page, |grant| grant.id.uuid()))
    }

    async fn remove(&mut self, id: GrantId) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(id.uuid()).exec(&self.db()).await.map_err(store_error)?;
        Ok(deleted.rows_affected > 0)
    }
}

impl SqlTx {
    async fn exists(
        &self,
        found: &str,
        id: Value,
        area: &Jurisdiction,
        district: &str,
        path: &str,
    ) -> Result<bool, StoreError> {
        let mut values = vec![id];
        let sql = format!("{found} AND {}", within(area, district, path, &mut values));
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.db().query_one_raw(statement).await.map_err(store_error)?.is_some())
    }

    async fn staff_grants(&self, sql: String, values: Vec<Value>) -> Result<Vec<StaffGrant>, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self.db().query_all_raw(statement).await.map_err(store_error)?;
        rows.iter().map(|row| staff_grant(Model::from_query_result(row, "").map_err(store_error)?)).collect()
    }
}

/// The condition that something lies inside an area, given where its district and its union's path stand.
fn within(area: &Jurisdiction, district: &str, path: &str, values: &mut Vec<Value>) -> String {
    match area {
        Jurisdiction::Everywhere => "1 = 1".to_owned(),
        Jurisdiction::District(code) => {
            let (first, last) = code.text_bounds();
            values.extend([first.into(), last.into()]);
            format!("{district} BETWEEN ${} AND ${}", values.len() - 1, values.len())
        }
        // A path holds the ids of all unions above and the union's own, in hexadecimal.
        Jurisdiction::Union(id) => {
            values.push(format!("%/{}/%", id.uuid().simple()).into());
            format!("{path} LIKE ${}", values.len())
        }
    }
}

fn staff_grant(row: Model) -> Result<StaffGrant, StoreError> {
    let (id, account, at) = (row.id, row.account_id, row.granted_at);
    let columns =
        GrantColumns { role: row.role, station_id: row.station_id, district: row.district, union_id: row.union_id };
    Ok(StaffGrant {
        id: GrantId::from_uuid(id),
        account_id: AccountId::from_uuid(account),
        grant: columns.grant("account_grants", id)?,
        granted_at: at,
    })
}
