//! Secrets of phones, sealed. One that was replaced still speaks for scans made before.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{distinct, id::VoucherId},
    store::StoreError,
    vouchers::{
        codes::code::{CodeSecret, SERVER_DEVICE},
        ports::NewSecret,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::entity::secret;
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        bulk::{Rows, models},
        error::store_error,
        rows::{corrupt, parsed},
        store::SqlTx,
    },
};

const SECRETS: &str = "voucher_secrets";

impl SqlTx {
    pub(crate) async fn phones_of(
        &self,
        voucher: VoucherId,
    ) -> Result<Vec<(u16, String)>, StoreError> {
        let query = secret::Entity::find().filter(secret::Column::VoucherId.eq(voucher.uuid()));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter()
            .map(|row| Ok((device_no(SECRETS, row.id, row.device_no)?, row.device_id)))
            .collect()
    }

    pub(crate) async fn insert_secret(&self, secret: &NewSecret) -> Result<bool, StoreError> {
        let row = secret::ActiveModel {
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
        let insert = secret::Entity::insert(row).on_conflict(keep_first);
        Ok(insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            > 0)
    }

    pub(crate) async fn retire_secrets_but(
        &self,
        voucher: VoucherId,
        keep: u16,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        use secret::Column::{DeviceNo, RetiredAt, VoucherId};
        secret::Entity::update_many()
            .col_expr(RetiredAt, Expr::value(now))
            .filter(VoucherId.eq(voucher.uuid()))
            .filter(DeviceNo.is_not_in([i32::from(keep), i32::from(SERVER_DEVICE)]))
            .filter(RetiredAt.is_null())
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub(crate) async fn secrets_in_force(
        &self,
        of: &[(VoucherId, u16)],
    ) -> Result<Vec<((VoucherId, u16), CodeSecret)>, StoreError> {
        let sql = "SELECT s.* FROM {rows} CROSS JOIN voucher_secrets s \
                   WHERE s.voucher_id = t.voucher_id AND s.device_no = t.device_no AND s.retired_at IS NULL";
        let wanted = Rows::default()
            .uuids("voucher_id", of.iter().map(|(voucher, _)| voucher.uuid()))
            .numbers("device_no", of.iter().map(|(_, device)| i64::from(*device)));
        let rows: Vec<secret::Model> = models(&self.query_rows(sql, [], wanted).await?)?;
        rows.iter().map(|row| self.secret(row)).collect()
    }

    pub(crate) async fn secrets_in_force_then(
        &self,
        of: &[(VoucherId, u16, DateTime<Utc>)],
    ) -> Result<Vec<((VoucherId, u16, DateTime<Utc>), CodeSecret)>, StoreError> {
        let phones = distinct(of.iter().map(|(voucher, device, _)| (*voucher, *device)));
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
        let rows: Vec<secret::Model> = models(&self.query_rows(sql, [], wanted).await?)?;
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

    pub(crate) fn secret(
        &self,
        row: &secret::Model,
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

pub(crate) fn device_no(table: &'static str, id: Uuid, number: i32) -> Result<u16, StoreError> {
    parsed(table, id, u16::try_from(number))
}
