//! Secrets of phones (sealed), short codes (as blind indexes), used steps.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::VoucherId,
    store::StoreError,
    vouchers::{
        codes::code::{CodeSecret, CodeStep, SERVER_DEVICE, step_of},
        ports::{NewSecret, VoucherCodeRepository},
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::entity::{voucher_secret, voucher_short_code};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        bulk::{Cells, Rows, models},
        error::store_error,
        rows::{corrupt, parsed},
        store::SqlTx,
    },
};

const SECRETS: &str = "voucher_secrets";
/// Purpose of the blind index over the digits.
const DIGITS: &str = "voucher_short_code";
/// Steps after which nobody takes a short code for present: ten minutes.
const STALE_STEPS: i64 = 20;

#[async_trait]
impl VoucherCodeRepository for SqlTx {
    async fn devices(&mut self, voucher: VoucherId) -> Result<Vec<(u16, String)>, StoreError> {
        let query = voucher_secret::Entity::find()
            .filter(voucher_secret::Column::VoucherId.eq(voucher.uuid()));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter()
            .map(|row| Ok((device_no(SECRETS, row.id, row.device_no)?, row.device_id)))
            .collect()
    }

    async fn add_secret(&mut self, secret: &NewSecret) -> Result<bool, StoreError> {
        let row = voucher_secret::ActiveModel {
            id: Set(secret.id.uuid()),
            voucher_id: Set(secret.voucher_id.uuid()),
            device_no: Set(i32::from(secret.device_no)),
            device_id: Set(secret.device_id.clone()),
            secret: Set(self.seal(secret_cell(secret.id.uuid()), &secret.secret.expose())?),
            created_at: Set(secret.created_at),
            retired_at: Set(None),
        };
        // Two unique keys may object: the number and the device.
        let keep_first = OnConflict::new().do_nothing().to_owned();
        let insert = voucher_secret::Entity::insert(row).on_conflict(keep_first);
        Ok(insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            > 0)
    }

    async fn retire_others(
        &mut self,
        voucher: VoucherId,
        keep: u16,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        use voucher_secret::Column::{DeviceNo, RetiredAt, VoucherId};
        voucher_secret::Entity::update_many()
            .col_expr(RetiredAt, Expr::value(now))
            .filter(VoucherId.eq(voucher.uuid()))
            .filter(DeviceNo.is_not_in([i32::from(keep), i32::from(SERVER_DEVICE)]))
            .filter(RetiredAt.is_null())
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn secrets(
        &mut self,
        of: &[(VoucherId, u16)],
    ) -> Result<Vec<((VoucherId, u16), CodeSecret)>, StoreError> {
        let sql = "SELECT s.* FROM {rows} CROSS JOIN voucher_secrets s \
                   WHERE s.voucher_id = t.voucher_id AND s.device_no = t.device_no AND s.retired_at IS NULL";
        let wanted = Rows::default()
            .uuids("voucher_id", of.iter().map(|(voucher, _)| voucher.uuid()))
            .numbers("device_no", of.iter().map(|(_, device)| i64::from(*device)));
        let rows: Vec<voucher_secret::Model> = models(&self.query_rows(sql, [], wanted).await?)?;
        rows.iter().map(|row| self.secret(row)).collect()
    }

    async fn secrets_then(
        &mut self,
        of: &[(VoucherId, u16, DateTime<Utc>)],
    ) -> Result<Vec<((VoucherId, u16, DateTime<Utc>), CodeSecret)>, StoreError> {
        let mut phones: Vec<_> = of
            .iter()
            .map(|(voucher, device, _)| (*voucher, *device))
            .collect();
        phones.sort_unstable();
        phones.dedup();
        let sql = "SELECT s.* FROM {rows} CROSS JOIN voucher_secrets s \
                   WHERE s.voucher_id = t.voucher_id AND s.device_no = t.device_no";
        let wanted = Rows::default()
            .uuids(
                "voucher_id",
                phones.iter().map(|(voucher, _)| voucher.uuid()),
            )
            .numbers(
                "device_no",
                phones.iter().map(|(_, device)| i64::from(*device)),
            );
        let rows: Vec<voucher_secret::Model> = models(&self.query_rows(sql, [], wanted).await?)?;
        let mut secrets = Vec::with_capacity(of.len());
        for row in &rows {
            let ((voucher, device), secret) = self.secret(row)?;
            let in_force = |at: DateTime<Utc>| row.retired_at.is_none_or(|retired| at < retired);
            let asked = of
                .iter()
                .filter(|(one, number, at)| (*one, *number) == (voucher, device) && in_force(*at));
            secrets.extend(asked.map(|key| (*key, secret.clone())));
        }
        Ok(secrets)
    }

    async fn add_short_code(&mut self, digits: &str, step: CodeStep) -> Result<bool, StoreError> {
        use voucher_short_code::{ActiveModel, Column, Entity};
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

    async fn steps_of(&mut self, digits: &[String]) -> Result<Vec<(String, CodeStep)>, StoreError> {
        let indexed: HashMap<_, _> = digits
            .iter()
            .map(|text| (self.cipher.blind_index(DIGITS, text), text))
            .collect();
        let sql = "SELECT c.* FROM {rows} CROSS JOIN voucher_short_codes c WHERE c.digits_index = t.digits_index";
        let wanted = Rows::default().with(
            "digits_index",
            Cells::Bytes(indexed.keys().cloned().collect()),
        );
        let rows: Vec<voucher_short_code::Model> =
            models(&self.query_rows(sql, [], wanted).await?)?;
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

    async fn used(&mut self, steps: &[CodeStep]) -> Result<Vec<CodeStep>, StoreError> {
        // A subquery for each row, as in `meals_taken`.
        let sql = "SELECT t.ordinal FROM {rows} WHERE (SELECT b.redemption_id FROM voucher_used_steps b \
                   WHERE b.voucher_id = t.voucher_id AND b.device_no = t.device_no AND b.step = t.step) IS NOT NULL";
        let wanted = Rows::default()
            .uuids(
                "voucher_id",
                steps.iter().map(|step| step.voucher_id.uuid()),
            )
            .numbers(
                "device_no",
                steps.iter().map(|step| i64::from(step.device_no)),
            )
            .numbers("step", steps.iter().map(|step| step.step));
        Ok(self
            .query_places(sql, wanted)
            .await?
            .into_iter()
            .map(|place| steps[place])
            .collect())
    }

    async fn forget_short_codes(
        &mut self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM voucher_short_codes WHERE digits_index IN (\
                   SELECT digits_index FROM voucher_short_codes WHERE step < $1 \
                   ORDER BY step LIMIT {limit})";
        self.remove(sql, [step_of(before).into()], limit).await
    }
}

impl SqlTx {
    pub(crate) fn secret(
        &self,
        row: &voucher_secret::Model,
    ) -> Result<((VoucherId, u16), CodeSecret), StoreError> {
        let text = self.open(secret_cell(row.id), &row.secret)?;
        let secret = CodeSecret::parse(&text).ok_or_else(|| corrupt(SECRETS, row.id))?;
        Ok((
            (
                VoucherId::from_uuid(row.voucher_id),
                device_no(SECRETS, row.id, row.device_no)?,
            ),
            secret,
        ))
    }
}

const fn secret_cell(row: Uuid) -> Cell {
    Cell {
        table: SECRETS,
        column: "secret",
        row,
    }
}

fn device_no(table: &'static str, id: Uuid, number: i32) -> Result<u16, StoreError> {
    parsed(table, id, u16::try_from(number))
}

fn code_step(voucher: Uuid, device: i32, step: i64) -> Result<CodeStep, StoreError> {
    let device_no = device_no("voucher_short_codes", voucher, device)?;
    Ok(CodeStep {
        voucher_id: VoucherId::from_uuid(voucher),
        device_no,
        step,
    })
}
