//! Suspended redemptions as a queue for review. Suspending is in `suspend.rs`, the ruling in
//! `rule.rs`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{Jurisdiction, Page, PageRequest, id::RedemptionId},
    store::StoreError,
    vouchers::collusion::{
        Finding, Signal, Suspension, SuspensionQuery, SuspensionStatus,
        ports::{Noticed, SuspensionRepository},
        suspension::NotedSignal,
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Value};

use super::{
    entity::suspension_signal as signals,
    suspension::{TABLE, suspension},
};
use crate::sql::db::{error::store_error, rows::corrupt, store::SqlTx};

#[async_trait]
impl SuspensionRepository for SqlTx {
    async fn suspend(
        &mut self,
        findings: &[Finding],
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<Vec<Noticed>, StoreError> {
        self.hold_accepted(findings, now, due_at).await
    }

    async fn find_many(&mut self, ids: &[RedemptionId]) -> Result<Vec<Suspension>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = (0..ids.len()).map(|n| format!("${}", n + 3)).collect();
        let which = format!("h.redemption_id IN ({})", places.join(", "));
        let values = ids.iter().map(|id| id.uuid().into()).collect();
        self.suspensions_where(&Jurisdiction::Everywhere, which, values)
            .await
    }

    async fn find_within(
        &mut self,
        id: RedemptionId,
        area: &Jurisdiction,
    ) -> Result<Option<Suspension>, StoreError> {
        let suspensions = self
            .suspensions_where(
                area,
                "h.redemption_id = $3".to_owned(),
                vec![id.uuid().into()],
            )
            .await?;
        Ok(suspensions.into_iter().next())
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        query: SuspensionQuery,
        page: PageRequest,
    ) -> Result<Page<Suspension>, StoreError> {
        let (mut conditions, mut values) = (Vec::new(), Vec::<Value>::new());
        let mut ask = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace('?', &format!("${}", values.len() + 2)));
        };
        if let Some(signal) = query.signal {
            let spoken = "EXISTS (SELECT 1 FROM suspension_signals g \
                          WHERE g.redemption_id = h.redemption_id AND g.signal = ?)";
            ask(spoken, signal.code().into());
        }
        if let Some(station) = query.station_id {
            ask("r.station_id = ?", station.uuid().into());
        }
        if let Some(instant) = query.due_before {
            ask("h.due_at < ?", instant.into());
        }
        if let Some(after) = page.after {
            ask("h.redemption_id < ?", after.into());
        }
        conditions.push(query.status.map_or("TRUE", with_status).to_owned());
        let which = format!(
            "{} ORDER BY h.redemption_id DESC LIMIT {}",
            conditions.join(" AND "),
            page.limit + 1
        );
        Ok(Page::cut(
            self.suspensions_where(area, which, values).await?,
            page,
            |suspension| suspension.redemption.id.uuid(),
        ))
    }

    async fn notices(
        &mut self,
        suspensions: &[RedemptionId],
    ) -> Result<Vec<(RedemptionId, NotedSignal)>, StoreError> {
        let query = signals::Entity::find()
            .filter(signals::Column::RedemptionId.is_in(suspensions.iter().map(|id| id.uuid())))
            .order_by_asc(signals::Column::NoticedAt)
            .order_by_asc(signals::Column::Signal);
        let notice = |row: signals::Model| {
            let signal =
                Signal::parse(&row.signal).ok_or_else(|| corrupt(TABLE, row.redemption_id))?;
            let notice = NotedSignal {
                signal,
                evidence: row.evidence,
                noticed_at: row.noticed_at,
            };
            Ok((RedemptionId::from_uuid(row.redemption_id), notice))
        };
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(notice)
            .collect()
    }

    async fn decide(&mut self, decided: &Suspension) -> Result<bool, StoreError> {
        match &decided.decided {
            Some(ruling) => self.rule(decided, ruling).await,
            None => Ok(false),
        }
    }
}

impl SqlTx {
    /// `which` speaks of `h`, `r` and `s`, with parameters from `$3` on.
    async fn suspensions_where(
        &self,
        area: &Jurisdiction,
        which: String,
        more: Vec<Value>,
    ) -> Result<Vec<Suspension>, StoreError> {
        let (first, last) = match area {
            Jurisdiction::Everywhere => ("000000".to_owned(), "999999".to_owned()),
            Jurisdiction::District(district) => district.text_bounds(),
            // Stations belong to districts, not to unions.
            Jurisdiction::Union(_) => return Ok(Vec::new()),
        };
        let sql = format!(
            "SELECT r.*, s.district, h.suspended_at, h.due_at, h.decision, h.decided_at, h.decided_by, h.reason,
               (SELECT COUNT(*) FROM suspension_signals g WHERE g.redemption_id = h.redemption_id) AS signals
             FROM redemption_suspensions h JOIN redemptions r ON r.id = h.redemption_id JOIN stations s ON s.id = r.station_id
             WHERE s.district BETWEEN $1 AND $2 AND {which}"
        );
        let values: Vec<Value> = [first.into(), last.into()]
            .into_iter()
            .chain(more)
            .collect();
        self.rows(&sql, values)
            .await?
            .iter()
            .map(suspension)
            .collect()
    }
}

const fn with_status(status: SuspensionStatus) -> &'static str {
    match status {
        SuspensionStatus::Open => "h.decision IS NULL AND r.state <> 'annulled'",
        SuspensionStatus::Moot => "h.decision IS NULL AND r.state = 'annulled'",
        SuspensionStatus::Lifted => "h.decision = 'lifted'",
        SuspensionStatus::Rejected => "h.decision = 'rejected'",
    }
}
