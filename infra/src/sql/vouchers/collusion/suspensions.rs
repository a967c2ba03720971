//! Holds on redemptions: the review queue and its decisions. Holding itself is in
//! `redemption_holding.rs`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        DistrictCode, Jurisdiction, Page, PageRequest,
        id::{AccountId, RedemptionId},
    },
    store::StoreError,
    vouchers::collusion::{
        Finding, Signal, Suspension, SuspensionDecision, SuspensionQuery, SuspensionStatus,
        ports::{Noticed, SuspensionRepository},
        suspension::{NotedSignal, Ruling},
    },
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryResult, Statement, Value, sea_query::Expr,
};

use super::entity::suspension_signal as signals;
use crate::sql::{
    db::{
        error::store_error,
        rows::{corrupt, parsed},
        store::SqlTx,
    },
    vouchers::{
        scans::{entity::redemption, redemptions::redemption as read_redemption},
        wallet::postings::{release_of_rejected, reversal},
    },
};

const TABLE: &str = "redemption_suspensions";

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
        self.holds_where(&Jurisdiction::Everywhere, which, values)
            .await
    }

    async fn find_within(
        &mut self,
        id: RedemptionId,
        area: &Jurisdiction,
    ) -> Result<Option<Suspension>, StoreError> {
        let suspensions = self
            .holds_where(
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
            self.holds_where(area, which, values).await?,
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
        let Some(Ruling {
            decision,
            by,
            at,
            reason,
        }) = &decided.decided
        else {
            return Ok(false);
        };
        let id = decided.redemption.id.uuid();
        let sql = "UPDATE redemption_suspensions SET decision = $2, decided_at = $3, decided_by = $4, reason = $5 \
                   WHERE redemption_id = $1 AND decision IS NULL AND $6 = \
                   (SELECT COUNT(*) FROM suspension_signals g WHERE g.redemption_id = $1)";
        let values = [
            id.into(),
            decision.code().into(),
            (*at).into(),
            by.uuid().into(),
            reason.as_str().into(),
            decided.signals.into(),
        ];
        if self.run(sql, values).await? == 0 {
            return Ok(false);
        }
        match decision {
            SuspensionDecision::Lift => {
                let sql =
                    "UPDATE redemptions SET suspended = FALSE WHERE id = $1 AND state = 'accepted'";
                Ok(self.run(sql, [id.into()]).await? > 0)
            }
            SuspensionDecision::Reject => self.reject(decided, *by, *at).await,
        }
    }
}

impl SqlTx {
    /// Annuls the redemption for good: the voucher does not come back, its money does.
    async fn reject(
        &self,
        suspension: &Suspension,
        by: AccountId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        use redemption::{Column, Entity};
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value("annulled"))
            .col_expr(Column::AnnulledAt, Expr::value(at))
            .col_expr(Column::AnnulledBy, Expr::value(by.uuid()))
            .col_expr(Column::AnnulmentReason, Expr::value("collusion"))
            .filter(Column::Id.eq(suspension.redemption.id.uuid()))
            .filter(Column::State.eq("accepted"));
        let rows = update
            .exec_with_returning(&self.db())
            .await
            .map_err(store_error)?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(false);
        };
        let sql = "UPDATE vouchers SET state = 'deactivated' WHERE id = $1 AND state = 'redeemed'";
        if self.run(sql, [row.voucher_id.into()]).await? == 0 {
            return Err(corrupt("vouchers", row.voucher_id));
        }
        self.free_meals([row.id]).await?;
        self.post_all(&[reversal(&row, at)?, release_of_rejected(&row, at)?])
            .await?;
        Ok(true)
    }

    /// `which` speaks of `h`, `r` and `s`, with parameters from `$3` on.
    async fn holds_where(
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
        let rows = self
            .db()
            .query_all_raw(Statement::from_sql_and_values(self.backend(), sql, values))
            .await;
        rows.map_err(store_error)?.iter().map(suspension).collect()
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

fn suspension(row: &QueryResult) -> Result<Suspension, StoreError> {
    let redemption = redemption::Model::from_query_result(row, "").map_err(store_error)?;
    let id = redemption.id;
    let district: String = row.try_get("", "district").map_err(store_error)?;
    let decision: Option<String> = row.try_get("", "decision").map_err(store_error)?;
    let decided = match decision {
        None => None,
        Some(word) => Some(Ruling {
            decision: SuspensionDecision::parse(&word).ok_or_else(|| corrupt(TABLE, id))?,
            by: AccountId::from_uuid(row.try_get("", "decided_by").map_err(store_error)?),
            at: row.try_get("", "decided_at").map_err(store_error)?,
            reason: row.try_get("", "reason").map_err(store_error)?,
        }),
    };
    Ok(Suspension {
        redemption: read_redemption(redemption)?,
        district: parsed("stations", id, DistrictCode::parse(&district))?,
        suspended_at: row.try_get("", "suspended_at").map_err(store_error)?,
        due_at: row.try_get("", "due_at").map_err(store_error)?,
        decided,
        signals: row.try_get("", "signals").map_err(store_error)?,
    })
}
