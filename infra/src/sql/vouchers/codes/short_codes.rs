//! Short codes as blind indexes, each with the step it stands for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::VoucherId,
    store::StoreError,
    vouchers::codes::code::{CodeStep, step_of},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::{entity::short_code, secrets::device_no};
use crate::sql::db::{
    bulk::{Cells, Rows, models},
    error::store_error,
    store::SqlTx,
};

/// Purpose of the blind index over the digits.
const DIGITS: &str = "voucher_short_code";
/// Steps after which nobody takes a short code for present: ten minutes.
const STALE_STEPS: i64 = 20;

impl SqlTx {
    pub(crate) async fn insert_short_code(
        &self,
        digits: &str,
        step: CodeStep,
    ) -> Result<bool, StoreError> {
        use short_code::{ActiveModel, Column, Entity};
        Entity::delete_many()
            .filter(Column::VoucherId.eq(step.voucher_id.uuid()))
            .filter(Column::Step.lt(step.step - STALE_STEPS))
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        let row = ActiveModel {
            digits_index: Set(self.cipher.blind_index(DIGITS, digits)),
            voucher_id: Set(step.voucher_id.uuid()),
            device_no: Set(i32::from(step.device_no)),
            step: Set(step.step),
        };
        let keep_first = OnConflict::column(Column::DigitsIndex)
            .do_nothing()
            .to_owned();
        let insert = Entity::insert(row).on_conflict(keep_first);
        Ok(insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            > 0)
    }

    pub(crate) async fn steps_behind(
        &self,
        digits: &[String],
    ) -> Result<Vec<(String, CodeStep)>, StoreError> {
        let indexed: HashMap<_, _> = digits
            .iter()
            .map(|text| (self.cipher.blind_index(DIGITS, text), text))
            .collect();
        let sql = "SELECT c.* FROM {rows} CROSS JOIN voucher_short_codes c WHERE c.digits_index = t.digits_index";
        let wanted = Rows::default().with(
            "digits_index",
            Cells::Bytes(indexed.keys().cloned().collect()),
        );
        let rows: Vec<short_code::Model> = models(&self.query_rows(sql, [], wanted).await?)?;
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(text) = indexed.get(&row.digits_index) else {
                continue;
            };
            steps.push((
                (*text).clone(),
                code_step(row.voucher_id, row.device_no, row.step)?,
            ));
        }
        Ok(steps)
    }

    pub(crate) async fn delete_short_codes(
        &self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM voucher_short_codes WHERE digits_index IN (\
                   SELECT digits_index FROM voucher_short_codes WHERE step < $1 \
                   ORDER BY step LIMIT {limit})";
        self.remove(sql, [step_of(before).into()], limit).await
    }
}

fn code_step(voucher: Uuid, device: i32, step: i64) -> Result<CodeStep, StoreError> {
    let device_no = device_no("voucher_short_codes", voucher, device)?;
    Ok(CodeStep {
        voucher_id: VoucherId::from_uuid(voucher),
        device_no,
        step,
    })
}
