//! Issuing vouchers of one batch, many requests at a time.
//!
//! The budget's conditional update comes first. It decides about quota and budget, and until the
//! transaction ends it keeps every other claim of the batch out: the day's row and the persons'
//! slots are then read exactly, and their own guards (a condition, a unique key) never meet a
//! surprise.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use niangjia_domain::{
    ledger::{Entry, postings::Reserve},
    store::StoreError,
    vouchers::{batches::batch::Batch, ports::IssueOutcome, wallet::voucher::Voucher},
};

use super::{quota::Issue, slots::Seats};
use crate::sql::db::{
    bulk::{Cells, Rows},
    store::SqlTx,
};

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
}
