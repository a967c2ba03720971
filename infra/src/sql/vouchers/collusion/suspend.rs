//! Putting redemptions on suspension, many at a time. Each signal speaks once about a redemption, and
//! only what is accepted is suspended: that is decided on the redemption's own row, where freezing
//! decides too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::{AccountId, PersonId, RedemptionId, StationId},
    store::StoreError,
    vouchers::collusion::{
        Finding, Signal,
        ports::{Noticed, SuspendedScan},
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};
use uuid::Uuid;

use super::entity::{redemption_suspension, suspension_signal as signals};
use crate::sql::{
    db::{error::store_error, rows::corrupt, store::SqlTx},
    vouchers::scans::entity::redemption::{self, Column, Model},
};

impl SqlTx {
    pub(crate) async fn hold_accepted(
        &self,
        findings: &[Finding],
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<Vec<Noticed>, StoreError> {
        let payable = self.lock_accepted(findings).await?;
        let new = self
            .notice(
                findings
                    .iter()
                    .filter(|it| payable.contains_key(&it.redemption_id.uuid())),
                now,
            )
            .await?;
        let ids: BTreeSet<_> = new.iter().map(|row| row.redemption_id).collect();
        let set_aside = redemption::Entity::update_many()
            .col_expr(Column::Suspended, Expr::value(true))
            .filter(Column::Id.is_in(ids.iter().copied()));
        set_aside.exec(&self.db()).await.map_err(store_error)?;
        self.open_holds(ids, now, due_at).await?;
        let noticed = |row: signals::Model| {
            let lost = || corrupt("suspension_signals", row.redemption_id);
            let redemption = payable.get(&row.redemption_id).ok_or_else(lost)?;
            let signal = Signal::parse(&row.signal).ok_or_else(lost)?;
            Ok(Noticed {
                signal,
                scan: held_scan(redemption),
                was_held: redemption.suspended,
            })
        };
        new.into_iter().map(noticed).collect()
    }

    /// What is still accepted, and stays so until the transaction ends: a freeze waits, or was
    /// first. All who suspension lock in one order.
    async fn lock_accepted(
        &self,
        findings: &[Finding],
    ) -> Result<BTreeMap<Uuid, Model>, StoreError> {
        let query = redemption::Entity::find()
            .filter(Column::Id.is_in(findings.iter().map(|finding| finding.redemption_id.uuid())))
            .filter(Column::State.eq("accepted"))
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate);
        Ok(query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(|row| (row.id, row))
            .collect())
    }

    /// Each signal speaks once about a redemption; the primary key refuses the second.
    async fn notice<'a>(
        &self,
        findings: impl Iterator<Item = &'a Finding> + Send,
        now: DateTime<Utc>,
    ) -> Result<Vec<signals::Model>, StoreError> {
        let rows: Vec<_> = findings
            .map(|finding| signals::ActiveModel {
                redemption_id: Set(finding.redemption_id.uuid()),
                signal: Set(finding.signal.code().to_owned()),
                evidence: Set(finding.evidence.clone()),
                noticed_at: Set(now),
            })
            .collect();
        let key = [signals::Column::RedemptionId, signals::Column::Signal];
        let insert = signals::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned());
        insert
            .exec_with_returning(&self.db())
            .await
            .map_err(store_error)
    }

    /// A released suspension opens again; an open one stays as it is.
    async fn open_holds(
        &self,
        suspended: BTreeSet<Uuid>,
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        use redemption_suspension::{ActiveModel, Column, Entity};
        let rows = suspended.into_iter().map(|id| ActiveModel {
            redemption_id: Set(id),
            suspended_at: Set(now),
            due_at: Set(due_at),
            decision: Set(None),
            decided_at: Set(None),
            decided_by: Set(None),
            reason: Set(None),
        });
        let anew = [
            Column::SuspendedAt,
            Column::DueAt,
            Column::Decision,
            Column::DecidedAt,
            Column::DecidedBy,
            Column::Reason,
        ];
        let reopen = OnConflict::column(Column::RedemptionId)
            .update_columns(anew)
            .action_and_where(Expr::col((Entity, Column::Decision)).eq("lifted"))
            .to_owned();
        let insert = Entity::insert_many(rows).on_conflict(reopen);
        insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

fn held_scan(row: &Model) -> SuspendedScan {
    SuspendedScan {
        redemption_id: RedemptionId::from_uuid(row.id),
        station_id: StationId::from_uuid(row.station_id),
        staff_id: AccountId::from_uuid(row.staff_id),
        person_id: PersonId::from_uuid(row.person_id),
    }
}
