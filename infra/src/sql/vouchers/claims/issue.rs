//! Issuing vouchers of one batch, many requests at a time.
//!
//! The budget's conditional update comes first. It decides about quota and budget, and until the
//! transaction ends it keeps every other claim of the batch out: the day's row and the persons'
//! slots are then read exactly, and their own guards (a condition, a unique key) never meet a
//! surprise.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::{Fen, id::BudgetId},
    ledger::{Entry, postings::Reserve},
    store::StoreError,
    vouchers::{batches::batch::Batch, ports::IssueOutcome, wallet::voucher::Voucher},
};
use sea_orm::{ConnectionTrait, EntityTrait, Statement, Value};

use super::slots::Seats;
use crate::sql::{
    db::{
        bulk::{Cells, Rows},
        error::store_error,
        store::SqlTx,
    },
    vouchers::batches::entity::voucher_day,
};

/// What one call issues from.
struct Issue<'a> {
    batch: &'a Batch,
    day: NaiveDate,
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

    /// Counts up to `wanted` vouchers through budget and day; at least one, or why none.
    async fn pass(
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
        self.hand_back(issue, count).await
    }

    async fn hand_back(&self, issue: &Issue<'_>, count: i64) -> Result<(), StoreError> {
        if count > 0 {
            self.hand_back_reserves(issue.budget(), count, issue.fen(count))
                .await?;
        }
        Ok(())
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
        let reserve = |voucher: &&Voucher| {
            let entry = Entry {
                budget_id: voucher.batch_id.into(),
                subject_id: voucher.id.into(),
                sequence: 0,
                at: voucher.issued_at,
            };
            let amount = voucher.face_value;
            Reserve { entry, amount }
        };
        let reserves: Vec<_> = each().map(reserve).collect();
        if self.note_reserves(&reserves).await?.contains(&false) {
            return Err(StoreError::Conflict {
                constraint: "ledger_postings".to_owned(),
            });
        }
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
