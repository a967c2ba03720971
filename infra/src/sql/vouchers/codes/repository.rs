//! Codes of vouchers: what phones hold (`secrets.rs`), what staff type (`short_codes.rs`), and the
//! steps that a redemption has used up.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::VoucherId,
    store::StoreError,
    vouchers::{
        codes::code::{CodeSecret, CodeStep},
        ports::{NewSecret, VoucherCodeRepository},
    },
};

use crate::sql::db::{bulk::Rows, store::SqlTx};

#[async_trait]
impl VoucherCodeRepository for SqlTx {
    async fn devices(&mut self, voucher: VoucherId) -> Result<Vec<(u16, String)>, StoreError> {
        self.phones_of(voucher).await
    }

    async fn add_secret(&mut self, secret: &NewSecret) -> Result<bool, StoreError> {
        self.insert_secret(secret).await
    }

    async fn retire_others(
        &mut self,
        voucher: VoucherId,
        keep: u16,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.retire_secrets_but(voucher, keep, now).await
    }

    async fn secrets(
        &mut self,
        of: &[(VoucherId, u16)],
    ) -> Result<Vec<((VoucherId, u16), CodeSecret)>, StoreError> {
        self.secrets_in_force(of).await
    }

    async fn secrets_then(
        &mut self,
        of: &[(VoucherId, u16, DateTime<Utc>)],
    ) -> Result<Vec<((VoucherId, u16, DateTime<Utc>), CodeSecret)>, StoreError> {
        self.secrets_in_force_then(of).await
    }

    async fn add_short_code(&mut self, digits: &str, step: CodeStep) -> Result<bool, StoreError> {
        self.insert_short_code(digits, step).await
    }

    async fn steps_of(&mut self, digits: &[String]) -> Result<Vec<(String, CodeStep)>, StoreError> {
        self.steps_behind(digits).await
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
        self.delete_short_codes(before, limit).await
    }
}
