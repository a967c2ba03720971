//! What the books say after each step.

use std::collections::BTreeMap;

use niangjia_domain::{kernel::id::VoucherBatchId, store::Store};
use sea_orm::{ConnectionTrait, Statement};

use super::{World, agree};
use crate::reference::Reference;

impl World {
    /// The books balance, and say what the model says.
    pub async fn check(&self, reference: &Reference) -> Result<(), String> {
        let report = self.books.check().await.unwrap();
        if !report.is_balanced() {
            return Err(format!("the books differ: {:?}", report.differences));
        }
        for (index, (id, _)) in self.batches.iter().enumerate() {
            let expected = &reference.batches[index];
            let tally = self.town.tally(*id).await;
            agree("issued", tally.issued, reference.issued(index))?;
            agree("reserved", tally.reserved_fen, expected.reserved)?;
            agree("spent", tally.spent_fen, expected.spent)?;
            let states = self.states(*id).await;
            let expected: BTreeMap<_, _> = reference
                .states(index)
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .collect();
            if states
                .iter()
                .map(|(word, count)| (word.as_str(), *count))
                .ne(expected)
            {
                return Err(format!(
                    "states {states:?}, expected {:?}",
                    reference.states(index)
                ));
            }
        }
        let (meals, standing) = reference.eaten();
        agree(
            "meals",
            self.town.count("SELECT COUNT(*) FROM person_meals").await,
            meals,
        )?;
        agree("meals of standing redemptions", meals, standing)?;
        self.check_offline(reference.taken_offline()).await?;
        self.holders_are_the_same().await
    }

    pub(super) async fn states(&self, batch: VoucherBatchId) -> BTreeMap<String, i64> {
        let database = self.town.store.writer();
        let sql = "SELECT state, COUNT(*) AS many FROM vouchers WHERE batch_id = $1 GROUP BY state";
        let statement = Statement::from_sql_and_values(
            database.get_database_backend(),
            sql,
            [batch.uuid().into()],
        );
        let rows = database.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| {
                (
                    row.try_get("", "state").unwrap(),
                    row.try_get("", "many").unwrap(),
                )
            })
            .collect()
    }

    /// V3: never reassigned.
    pub(super) async fn holders_are_the_same(&self) -> Result<(), String> {
        let ids: Vec<_> = self.vouchers.iter().map(|held| held.id).collect();
        let stored = self
            .town
            .store
            .read()
            .await
            .unwrap()
            .vouchers()
            .find_many(&ids)
            .await
            .unwrap();
        agree("vouchers", stored.len() as i64, ids.len() as i64)?;
        let moved = stored.iter().find(|voucher| {
            self.vouchers
                .iter()
                .any(|held| held.id == voucher.id && held.holder != voucher.person_id)
        });
        moved.map_or(Ok(()), |voucher| {
            Err(format!("{} has another holder", voucher.id))
        })
    }
}
