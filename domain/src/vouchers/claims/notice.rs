//! What a new holder finds in the inbox.

use chrono::{DateTime, Utc};

use crate::{
    kernel::{Random, values::local_time},
    outbox::OutboxEvent,
    vouchers::{batches::batch::Batch, wallet::voucher::Voucher},
};

pub(crate) fn welcome(
    batch: &Batch,
    voucher: &Voucher,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    let until = local_time::rfc3339(voucher.valid_to);
    let until = until.get(..16).unwrap_or_default().replace('T', " ");
    let body = format!(
        "“{}”餐券已到账，有效期至 {until}，用餐时向驿站出示餐券码即可。",
        batch.name
    );
    let subject = Some(voucher.id.to_string());
    OutboxEvent::inbox(
        voucher.account_id,
        "voucher_issued",
        "餐券领取成功",
        body,
        subject,
        now,
        random,
    )
}
