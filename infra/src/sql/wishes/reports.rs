//! Reports on wishes: one of each person, by a unique key.

use std::collections::HashMap;

use niangjia_domain::{
    kernel::id::WishId, store::StoreError, wishes::moderation::wish_report::WishReport,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::entity::wish_report;
use crate::sql::db::{error::store_error, store::SqlTx};

impl SqlTx {
    pub(crate) async fn report_once(&self, report: &WishReport) -> Result<bool, StoreError> {
        let row = wish_report::ActiveModel {
            id: Set(report.id.uuid()),
            wish_id: Set(report.wish_id.uuid()),
            reporter_id: Set(report.reporter_id.uuid()),
            reason: Set(report.reason.clone()),
            reported_at: Set(report.reported_at),
        };
        let once = [wish_report::Column::WishId, wish_report::Column::ReporterId];
        let once = OnConflict::columns(once).do_nothing().to_owned();
        let insert = wish_report::Entity::insert(row).on_conflict(once);
        Ok(insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            > 0)
    }

    pub(crate) async fn reports_of(
        &self,
        ids: &[WishId],
    ) -> Result<HashMap<WishId, u64>, StoreError> {
        let counted: Vec<(Uuid, i64)> = wish_report::Entity::find()
            .select_only()
            .column(wish_report::Column::WishId)
            .column_as(wish_report::Column::Id.count(), "reports")
            .filter(wish_report::Column::WishId.is_in(ids.iter().map(|id| id.uuid())))
            .group_by(wish_report::Column::WishId)
            .into_tuple()
            .all(&self.db())
            .await
            .map_err(store_error)?;
        Ok(counted
            .into_iter()
            .map(|(id, count)| (WishId::from_uuid(id), count.unsigned_abs()))
            .collect())
    }
}
