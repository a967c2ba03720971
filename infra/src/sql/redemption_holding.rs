//! Putting redemptions on hold, many at a time. Each signal speaks once about a redemption, and only what is accepted is
//! held: that is decided on the redemption's own row, where freezing decides too.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::{RedemptionId, StationId},
    store::StoreError,
    vouchers::collusion::{Finding, Signal, ports::NewlyHeld},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{redemption, redemption_hold, redemption_hold_signal as signals},
    error::store_error,
    store::SqlTx,
};

impl SqlTx {
    pub(super) async fn hold_accepted(
        &self,
        signal: Signal,
        findings: &[Finding],
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<Vec<NewlyHeld>, StoreError> {
        let payable = self.accepted(findings).await?;
        let new = self.notice(signal, &payable, now).await?;
        let held = self.set_aside(&new).await?;
        let lost = new.iter().filter(|id| !held.contains_key(*id)).copied();
        let forget = signals::Entity::delete_many()
            .filter(signals::Column::RedemptionId.is_in(lost))
            .filter(signals::Column::Signal.eq(signal.as_str()));
        forget.exec(&self.db()).await.map_err(store_error)?;
        self.open_holds(held.keys().copied().collect(), now, due_at).await?;
        let newly = held.into_iter().map(|(redemption, station)| NewlyHeld {
            redemption_id: RedemptionId::from_uuid(redemption),
            station_id: StationId::from_uuid(station),
        });
        Ok(newly.collect())
    }

    async fn accepted<'a>(&self, findings: &'a [Finding]) -> Result<Vec<&'a Finding>, StoreError> {
        use redemption::{Column, Entity};
        let query = Entity::find()
            .filter(Column::Id.is_in(findings.iter().map(|finding| finding.redemption_id.uuid())))
            .filter(Column::State.eq("accepted"));
        let accepted: HashSet<_> =
            query.all(&self.db()).await.map_err(store_error)?.into_iter().map(|row| row.id).collect();
        Ok(findings.iter().filter(|finding| accepted.contains(&finding.redemption_id.uuid())).collect())
    }

    /// Each signal speaks once about a redemption; the primary key refuses the second.
    async fn notice(&self, signal: Signal, findings: &[&Finding], now: DateTime<Utc>) -> Result<Vec<Uuid>, StoreError> {
        let mut sorted = findings.to_vec();
        sorted.sort_by_key(|finding| finding.redemption_id);
        let rows = sorted.into_iter().map(|finding| signals::ActiveModel {
            redemption_id: Set(finding.redemption_id.uuid()),
            signal: Set(signal.as_str().to_owned()),
            evidence: Set(finding.evidence.clone()),
            noticed_at: Set(now),
        });
        let key = [signals::Column::RedemptionId, signals::Column::Signal];
        let insert = signals::Entity::insert_many(rows).on_conflict(OnConflict::columns(key).do_nothing().to_owned());
        let new = insert.exec_with_returning(&self.db()).await.map_err(store_error)?;
        Ok(new.into_iter().map(|row| row.redemption_id).collect())
    }

    /// The guard against freezing: what was settled or annulled first stays as it is. Each with its station.
    async fn set_aside(&self, new: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        use redemption::{Column, Entity};
        let update = Entity::update_many()
            .col_expr(Column::Held, Expr::value(true))
            .filter(Column::Id.is_in(new.iter().copied()))
            .filter(Column::State.eq("accepted"));
        let rows = update.exec_with_returning(&self.db()).await.map_err(store_error)?;
        Ok(rows.into_iter().map(|row| (row.id, row.station_id)).collect())
    }

    /// A released hold opens again; an open one stays as it is.
    async fn open_holds(&self, held: Vec<Uuid>, now: DateTime<Utc>, due_at: DateTime<Utc>) -> Result<(), StoreError> {
        use redemption_hold::{ActiveModel, Column, Entity};
        let rows = held.into_iter().map(|id| ActiveModel {
            redemption_id: Set(id),
            held_at: Set(now),
            due_at: Set(due_at),
            decision: Set(None),
            decided_at: Set(None),
            decided_by: Set(None),
            reason: Set(None),
        });
        let anew =
            [Column::HeldAt, Column::DueAt, Column::Decision, Column::DecidedAt, Column::DecidedBy, Column::Reason];
        let reopen = OnConflict::column(Column::RedemptionId)
            .update_columns(anew)
            .action_and_where(Expr::col((Entity, Column::Decision)).eq("released"))
            .to_owned();
        let insert = Entity::insert_many(rows).on_conflict(reopen);
        insert.exec_without_returning(&self.db()).await.map_err(store_error)?;
        Ok(())
    }
}
