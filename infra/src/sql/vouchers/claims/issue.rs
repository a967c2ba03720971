//! Issuing vouchers of one batch, many requests at a time.
//!
//! The counter's conditional update comes first. It decides about quota and budget, and until the
//! transaction ends it keeps every other claim of the batch out: the day's row and the persons'
//! slots are then read exactly, and their own guards (a condition, a unique key) never meet a
//! surprise.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use niangjia_domain::{
    store::StoreError,
    vouchers::{batches::batch::Batch, ports::IssueOutcome, wallet::voucher::Voucher},
};
use sea_orm::{ConnectionTrait, EntityTrait, Statement, Value};

use super::slots::Seats;
use crate::sql::{
    db::{
        bulk::{Cells, Rows},
        error::store_error,
        rows::corrupt,
        store::SqlTx,
    },
    vouchers::{
        batches::entity::{voucher_counter, voucher_day},
        wallet::entity::voucher_ledger,
    },
};

/// What one call issues from.
struct Issue<'a> {
    batch: &'a Batch,
    day: NaiveDate,
}

impl Issue<'_> {
    fn fen(&self, count: i64) -> i64 {
        count.saturating_mul(self.batch.rules.face_value.get())
    }
}

impl SqlTx {
    pub(crate) async fn issue_vouchers(
        &self,
        batch: &Batch,
        day: NaiveDate,
        vouchers: &[Voucher],
    ) -> Result<Vec<IssueOutcome>, StoreError> {
        let issue = Issue { batch, day };
        let mut refused = HashMap::new();
        let mut issued = HashSet::new();
        let mut waiting = vouchers;
        while !waiting.is_empty() {
            let passed = self.pass(&issue, waiting.len()).await;
            let passed = match passed.map_err(|error| error.at(batch.id.uuid()))? {
                Ok(passed) => passed,
                Err(outcome) => {
                    refused.extend(waiting.iter().map(|voucher| (voucher.id, outcome)));
                    break;
                }
            };
            let (round, rest) = waiting.split_at(passed.min(waiting.len()));
            let seated = self.take_slots(Seats::of(batch), round).await?;
            let left_out = round.iter().filter(|voucher| !seated.contains(&voucher.id));
            let mut unused = 0;
            for voucher in left_out {
                refused.insert(voucher.id, IssueOutcome::PersonLimit);
                unused += 1;
            }
            self.pass_back(&issue, unused).await?;
            issued.extend(seated);
            waiting = rest;
        }
        self.add_issued(
            vouchers
                .iter()
                .filter(|voucher| issued.contains(&voucher.id))
                .collect(),
        )
        .await?;
        let outcome = |voucher: &Voucher| {
            refused
                .get(&voucher.id)
                .copied()
                .unwrap_or(IssueOutcome::Issued)
        };
        Ok(vouchers.iter().map(outcome).collect())
    }

    /// Counts up to `wanted` vouchers through counter and day; at least one, or why none.
    async fn pass(
        &self,
        issue: &Issue<'_>,
        wanted: usize,
    ) -> Result<Result<usize, IssueOutcome>, StoreError> {
        let mut taken = i64::try_from(wanted).unwrap_or(i64::MAX);
        while !self.count_issued(issue, taken).await? {
            // Too many at once, or none at all: see what is left and try for that.
            let counter = self.voucher_counter(issue).await?;
            let free = counter.budget_fen - counter.reserved_fen - counter.spent_fen;
            let room = (counter.quota - counter.issued).min(free / issue.fen(1).max(1));
            match (counter.open, room) {
                (false, _) => return Ok(Err(IssueOutcome::Shut)),
                (true, ..1) => return Ok(Err(IssueOutcome::Exhausted)),
                (true, room) => taken = taken.min(room),
            }
        }
        let today = self.count_today(issue, taken).await?;
        self.uncount_issued(issue, taken - today).await?;
        Ok(usize::try_from(today)
            .ok()
            .filter(|today| *today > 0)
            .ok_or(IssueOutcome::ExhaustedToday))
    }

    /// The guard of V1: quota and budget, by one conditional update.
    async fn count_issued(&self, issue: &Issue<'_>, count: i64) -> Result<bool, StoreError> {
        let rows = self
            .run(
                "UPDATE voucher_counters SET issued = issued + $2, reserved_fen = reserved_fen + $3 \
                 WHERE batch_id = $1 AND open AND issued + $2 <= quota \
                   AND reserved_fen + spent_fen + $3 <= budget_fen",
                [issue.batch.id.uuid().into(), count.into(), issue.fen(count).into()],
            )
            .await?;
        Ok(rows > 0)
    }

    async fn uncount_issued(&self, issue: &Issue<'_>, count: i64) -> Result<(), StoreError> {
        if count > 0 {
            let sql = "UPDATE voucher_counters SET issued = issued - $2, reserved_fen = reserved_fen - $3 \
                       WHERE batch_id = $1";
            self.run(
                sql,
                [
                    issue.batch.id.uuid().into(),
                    count.into(),
                    issue.fen(count).into(),
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// How many of `wanted` the day still allows, counted.
    async fn count_today(&self, issue: &Issue<'_>, wanted: i64) -> Result<i64, StoreError> {
        let most = issue.batch.rules.daily_quota.unwrap_or(i64::MAX);
        if wanted <= most && self.count_for_today(issue, wanted, most).await? {
            return Ok(wanted);
        }
        let key = (issue.batch.id.uuid(), issue.day.to_string());
        let row = voucher_day::Entity::find_by_id(key)
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

    async fn pass_back(&self, issue: &Issue<'_>, count: i64) -> Result<(), StoreError> {
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
        self.uncount_issued(issue, count).await
    }

    async fn add_issued(&self, vouchers: Vec<&Voucher>) -> Result<(), StoreError> {
        let each = || vouchers.iter();
        let rows = Rows::default()
            .uuids("id", each().map(|voucher| voucher.id.uuid()))
            .uuids("batch_id", each().map(|voucher| voucher.batch_id.uuid()))
            .uuids("person_id", each().map(|voucher| voucher.person_id.uuid()))
            .uuids(
                "account_id",
                each().map(|voucher| voucher.account_id.uuid()),
            )
            .numbers(
                "face_value_fen",
                each().map(|voucher| voucher.face_value.get()),
            )
            .with(
                "issued_at",
                Cells::Times(each().map(|voucher| voucher.issued_at).collect()),
            )
            .with(
                "valid_from",
                Cells::Times(each().map(|voucher| voucher.valid_from).collect()),
            )
            .with(
                "valid_to",
                Cells::Times(each().map(|voucher| voucher.valid_to).collect()),
            )
            .texts(
                "state",
                each().map(|voucher| voucher.state.code().to_owned()),
            );
        let sql = "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, \
                     valid_to, state, redemptions) \
                   SELECT id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, \
                     valid_to, state, 0 FROM {rows}";
        self.run_rows(sql, [], rows).await?;
        let rows = Rows::default()
            .uuids("voucher_id", each().map(|voucher| voucher.id.uuid()))
            .uuids("batch_id", each().map(|voucher| voucher.batch_id.uuid()))
            .numbers(
                "reserved_fen",
                each().map(|voucher| voucher.face_value.get()),
            )
            .with(
                "at",
                Cells::Times(each().map(|voucher| voucher.issued_at).collect()),
            );
        let sql = "INSERT INTO voucher_ledger (voucher_id, kind, sequence, batch_id, reserved_fen, spent_fen, at) \
                   SELECT voucher_id, 'reserve', 0, batch_id, reserved_fen, 0, at FROM {rows}";
        self.run_rows(sql, [], rows).await?;
        Ok(())
    }

    async fn voucher_counter(
        &self,
        issue: &Issue<'_>,
    ) -> Result<voucher_counter::Model, StoreError> {
        let id = issue.batch.id.uuid();
        let counter = voucher_counter::Entity::find_by_id(id)
            .one(&self.db())
            .await
            .map_err(store_error)?;
        counter.ok_or_else(|| corrupt("voucher_counters", id))
    }

    /// Ledger rows; the primary key (voucher, kind, sequence) refuses to book anything twice.
    pub(crate) async fn book(
        &self,
        entries: Vec<voucher_ledger::ActiveModel>,
    ) -> Result<(), StoreError> {
        let insert = voucher_ledger::Entity::insert_many(entries);
        insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// Runs a write and says how many rows it met.
    pub(crate) async fn run(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self
            .db()
            .execute_raw(statement)
            .await
            .map_err(store_error)?
            .rows_affected())
    }
}
