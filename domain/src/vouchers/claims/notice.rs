//! What a new holder finds in the inbox.

use chrono::{DateTime, Utc};

use crate::{
    kernel::{Random, values::local_time},
    outbox::OutboxEvent,
    vouchers::{batches::batch::Batch, news, wallet::voucher::Voucher},
};

pub(crate) fn welcome(
    batch: &Batch,
    voucher: &Voucher,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    let until = local_time::rfc3339(voucher.valid_to);
    let until = until.get(..16).unwrap_or_default().replace('T', " ");
    OutboxEvent::to(voucher.account_id)
        .template(&news::ISSUED)
        .with("batch", &batch.name)
        .with("until", until)
        .about(voucher.id)
        .at(now, random)
}
