//! Counting a batch's vouchers: quota and budget first (V1), then the day's quota. What a guard
//! further on refuses is counted back.

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::{Fen, id::BudgetId},
    store::StoreError,
    vouchers::{batches::batch::Batch, ports::IssueOutcome},
};
use sea_orm::EntityTrait;

use crate::sql::{
    db::{error::store_error, store::SqlTx},
    vouchers::batches::entity::day,
};

/// What one call issues from.
pub(crate) struct Issue<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) day: NaiveDate,
}

impl Issue<'_> {
    fn budget(&self) -> BudgetId {
        self.batch.id.into()
    }

    fn fen(&self, count: i64) -> Fen {
        let each = self.batch.rules.face_value.get();
        Fen::new(count.saturating_mul(each)).unwrap_or_default()
    }
}

impl SqlTx {
    /// Counts up to `wanted` vouchers through budget and day; at least one, or why none.
    pub(crate) async fn pass(
        &self,
        issue: &Issue<'_>,
        wanted: usize,
    ) -> Result<Result<usize, IssueOutcome>, StoreError> {
        let mut taken = i64::try_from(wanted).unwrap_or(i64::MAX);
        // The guard of V1: quota and budget, by one conditional update.
        let budget = issue.budget();
        while !self.admit_reserves(budget, taken, issue.fen(taken)).await? {
            // Too many at once, or none at all: see what is left and try for that.
            let left = self.find_budget(budget).await?;
            match (left.open, left.room_for(issue.fen(1))) {
                (false, _) => return Ok(Err(IssueOutcome::Shut)),
                (true, ..1) => return Ok(Err(IssueOutcome::Exhausted)),
                (true, room) => taken = taken.min(room),
            }
        }
        let today = self.count_today(issue, taken).await?;
        self.hand_back(issue, taken - today).await?;
        Ok(usize::try_from(today)
            .ok()
            .filter(|today| *today > 0)
            .ok_or(IssueOutcome::ExhaustedToday))
    }

    /// How many of `wanted` the day still allows, counted.
    async fn count_today(&self, issue: &Issue<'_>, wanted: i64) -> Result<i64, StoreError> {
        let most = issue.batch.rules.daily_quota.unwrap_or(i64::MAX);
        if wanted <= most && self.count_for_today(issue, wanted, most).await? {
            return Ok(wanted);
        }
        let key = (issue.batch.id.uuid(), issue.day.to_string());
        let row = day::Entity::find_by_id(key)
            .one(&self.db())
            .await
            .map_err(store_error)?;
        let today = wanted.min(most - row.map_or(0, |row| row.issued));
        if today < 1 {
            return Ok(0);
        }
        match self.count_for_today(issue, today, most).await? {
            true => Ok(today),
            false => Err(StoreError::Conflict {
                constraint: "voucher_days".to_owned(),
            }),
        }
    }

    async fn count_for_today(
        &self,
        issue: &Issue<'_>,
        count: i64,
        most: i64,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO voucher_days (batch_id, day, issued) VALUES ($1, $2, $3) \
                   ON CONFLICT (batch_id, day) DO UPDATE SET issued = voucher_days.issued + $3 \
                   WHERE voucher_days.issued + $3 <= $4";
        let values = [
            issue.batch.id.uuid().into(),
            issue.day.to_string().into(),
            count.into(),
            most.into(),
        ];
        Ok(self.run(sql, values).await? > 0)
    }

    pub(crate) async fn pass_back(&self, issue: &Issue<'_>, count: i64) -> Result<(), StoreError> {
        if count > 0 {
            let sql =
                "UPDATE voucher_days SET issued = issued - $3 WHERE batch_id = $1 AND day = $2";
            let values = [
                issue.batch.id.uuid().into(),
                issue.day.to_string().into(),
                count.into(),
            ];
            self.run(sql, values).await?;
        }
        self.hand_back(issue, count).await
    }

    async fn hand_back(&self, issue: &Issue<'_>, count: i64) -> Result<(), StoreError> {
        if count > 0 {
            self.hand_back_reserves(issue.budget(), count, issue.fen(count))
                .await?;
        }
        Ok(())
    }
}
