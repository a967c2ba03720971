//! Issuing vouchers of one batch, many requests at a time.
//!
//! The counter's conditional update comes first. It decides about quota and budget, and until the transaction ends it
//! keeps every other claim of the batch out: the day's row and the persons' slots are then read exactly, and their own
//! guards (a condition, a unique key) never meet a surprise.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::id::VoucherId,
    store::StoreError,
    vouchers::{batch::Batch, ports::IssueOutcome, voucher::Voucher},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement, Value,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::{voucher, voucher_counter, voucher_day, voucher_ledger, voucher_slot},
    error::store_error,
    rows::corrupt,
    store::SqlTx,
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
    pub(super) async fn issue_vouchers(
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
            let passed = match self.pass(&issue, waiting.len()).await? {
                Ok(passed) => passed,
                Err(outcome) => {
                    refused.extend(waiting.iter().map(|voucher| (voucher.id, outcome)));
                    break;
                }
            };
            let (round, rest) = waiting.split_at(passed.min(waiting.len()));
            let seated = self.take_slots(&issue, round).await?;
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
        let issued: Vec<_> = vouchers.iter().filter(|voucher| issued.contains(&voucher.id)).collect();
        self.add_issued(&issued).await?;
        let outcome = |voucher: &Voucher| refused.get(&voucher.id).copied().unwrap_or(IssueOutcome::Issued);
        Ok(vouchers.iter().map(outcome).collect())
    }

    /// Counts up to `wanted` vouchers through counter and day; at least one, or why none.
    async fn pass(&self, issue: &Issue<'_>, wanted: usize) -> Result<Result<usize, IssueOutcome>, StoreError> {
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
        Ok(usize::try_from(today).ok().filter(|today| *today > 0).ok_or(IssueOutcome::ExhaustedToday))
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
            self.run(sql, [issue.batch.id.uuid().into(), count.into(), issue.fen(count).into()]).await?;
        }
        Ok(())
    }

    /// How many of `wanted` the day still allows, counted.
    async fn count_today(&self, issue: &Issue<'_>, wanted: i64) -> Result<i64, StoreError> {
        let most = issue.batch.rules.daily_quota.unwrap_or(i64::MAX);
        let key = (issue.batch.id.uuid(), issue.day.to_string());
        let row = voucher_day::Entity::find_by_id(key).one(&self.db()).await.map_err(store_error)?;
        let today = wanted.min(most - row.map_or(0, |row| row.issued));
        if today < 1 {
            return Ok(0);
        }
        let sql = "INSERT INTO voucher_days (batch_id, day, issued) VALUES ($1, $2, $3) \
                   ON CONFLICT (batch_id, day) DO UPDATE SET issued = voucher_days.issued + $3 \
                   WHERE voucher_days.issued + $3 <= $4";
        let values = [issue.batch.id.uuid().into(), issue.day.to_string().into(), today.into(), most.into()];
        match self.run(sql, values).await? {
            0 => Err(StoreError::Conflict { constraint: "voucher_days".to_owned() }),
            _ => Ok(today),
        }
    }

    async fn pass_back(&self, issue: &Issue<'_>, count: i64) -> Result<(), StoreError> {
        if count > 0 {
            let sql = "UPDATE voucher_days SET issued = issued - $3 WHERE batch_id = $1 AND day = $2";
            let values = [issue.batch.id.uuid().into(), issue.day.to_string().into(), count.into()];
            self.run(sql, values).await?;
        }
        self.uncount_issued(issue, count).await
    }

    /// The guard of V2: each voucher takes its person's lowest free number up to the limit; the primary key decides.
    async fn take_slots(&self, issue: &Issue<'_>, round: &[Voucher]) -> Result<HashSet<VoucherId>, StoreError> {
        use voucher_slot::{ActiveModel, Column, Entity};
        let mut used = self.used_slots(issue, round).await?;
        let mut rows: Vec<(Uuid, i32, VoucherId)> = Vec::with_capacity(round.len());
        for voucher in round {
            let person = voucher.person_id.uuid();
            let numbers = used.entry(person).or_default();
            let limit = i32::try_from(issue.batch.rules.per_person_limit).unwrap_or(i32::MAX);
            if let Some(free) = (1..=limit).find(|n| !numbers.contains(n)) {
                numbers.insert(free);
                rows.push((person, free, voucher.id));
            }
        }
        rows.sort_unstable();
        let rows = rows.into_iter().map(|(person, n, voucher)| ActiveModel {
            batch_id: Set(issue.batch.id.uuid()),
            person_id: Set(person),
            n: Set(n),
            voucher_id: Set(voucher.uuid()),
        });
        let first_wins = OnConflict::columns([Column::BatchId, Column::PersonId, Column::N]).do_nothing().to_owned();
        let taken = Entity::insert_many(rows).on_conflict(first_wins).exec_with_returning(&self.db()).await;
        Ok(taken.map_err(store_error)?.into_iter().map(|row| VoucherId::from_uuid(row.voucher_id)).collect())
    }

    async fn used_slots(
        &self,
        issue: &Issue<'_>,
        round: &[Voucher],
    ) -> Result<HashMap<Uuid, HashSet<i32>>, StoreError> {
        use voucher_slot::{Column, Entity};
        let query = Entity::find()
            .filter(Column::BatchId.eq(issue.batch.id.uuid()))
            .filter(Column::PersonId.is_in(round.iter().map(|voucher| voucher.person_id.uuid())))
            .order_by_asc(Column::N);
        let mut used: HashMap<_, HashSet<_>> = HashMap::new();
        for row in query.all(&self.db()).await.map_err(store_error)? {
            used.entry(row.person_id).or_default().insert(row.n);
        }
        Ok(used)
    }

    async fn add_issued(&self, vouchers: &[&Voucher]) -> Result<(), StoreError> {
        let rows = vouchers.iter().map(|voucher| voucher::ActiveModel {
            id: Set(voucher.id.uuid()),
            batch_id: Set(voucher.batch_id.uuid()),
            person_id: Set(voucher.person_id.uuid()),
            account_id: Set(voucher.account_id.uuid()),
            face_value_fen: Set(voucher.face_value.get()),
            issued_at: Set(voucher.issued_at),
            valid_from: Set(voucher.valid_from),
            valid_to: Set(voucher.valid_to),
            state: Set(voucher.state.as_str().to_owned()),
            redemptions: Set(0),
        });
        voucher::Entity::insert_many(rows).exec_without_returning(&self.db()).await.map_err(store_error)?;
        let reserves = vouchers.iter().map(|voucher| voucher_ledger::ActiveModel {
            voucher_id: Set(voucher.id.uuid()),
            kind: Set("reserve".to_owned()),
            sequence: Set(0),
            batch_id: Set(voucher.batch_id.uuid()),
            reserved_fen: Set(voucher.face_value.get()),
            spent_fen: Set(0),
            at: Set(voucher.issued_at),
        });
        self.book(reserves.collect()).await
    }

    async fn voucher_counter(&self, issue: &Issue<'_>) -> Result<voucher_counter::Model, StoreError> {
        let id = issue.batch.id.uuid();
        let counter = voucher_counter::Entity::find_by_id(id).one(&self.db()).await.map_err(store_error)?;
        counter.ok_or_else(|| corrupt("voucher_counters", id))
    }

    /// Ledger rows; the primary key (voucher, kind, sequence) refuses to book anything twice.
    pub(super) async fn book(&self, entries: Vec<voucher_ledger::ActiveModel>) -> Result<(), StoreError> {
        let insert = voucher_ledger::Entity::insert_many(entries);
        insert.exec_without_returning(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    /// Runs a write and says how many rows it met.
    pub(super) async fn run(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.db().execute_raw(statement).await.map_err(store_error)?.rows_affected())
    }
}
