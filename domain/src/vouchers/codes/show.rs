//! The holder's code: the secret for a phone that computes it offline, or the code itself for one
//! that asks.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::code::{CodeSecret, CodeStep, SERVER_DEVICE, short_code};
use crate::{
    audit::Deed,
    kernel::{
        Actor,
        id::{CodeSecretId, VoucherId},
        ports::cache::Quota,
    },
    store::Tx,
    vouchers::{
        CodeService, VoucherError,
        batches::distribute::batch_of,
        device_name::checked_device,
        ports::NewSecret,
        wallet::{
            list::own,
            voucher::{Voucher, VoucherState},
        },
    },
};

/// Phones one voucher is ever told to.
const MAX_DEVICES: usize = 5;
/// Fresh codes one account may ask for.
const CODES: Quota = Quota {
    burst: 20,
    per_minute: 30,
};
/// Draws of a short code before giving up: with 100,000 alive, ten misses in a row are a 10^-30
/// event.
const DRAWS: usize = 10;

/// Told once; never logged, never stored in clear.
#[derive(Debug)]
pub struct DeliveredSecret {
    pub device_no: u16,
    pub secret: CodeSecret,
    /// So that a phone with a wrong clock can correct its steps.
    pub server_time: DateTime<Utc>,
}

#[derive(Debug)]
pub struct ShownCode {
    pub payload: String,
    pub short_code: String,
    pub expires_at: DateTime<Utc>,
}

impl CodeService {
    /// Tells this phone its secret, once, and retires those of the holder's other phones.
    pub async fn deliver_secret(
        &self,
        actor: &Actor,
        id: VoucherId,
        device_id: &str,
    ) -> Result<DeliveredSecret, VoucherError> {
        let device_id = checked_device("deviceId", device_id)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let voucher = usable(&mut *tx, actor, id, now).await?;
        let known = tx.voucher_codes().devices(id).await?;
        if known.iter().any(|(_, device)| *device == device_id) {
            return Err(VoucherError::CodeSecretDelivered);
        }
        let phones = known
            .iter()
            .filter(|(number, _)| *number != SERVER_DEVICE)
            .count();
        if phones >= MAX_DEVICES {
            return Err(VoucherError::TooManyDevices);
        }
        let device_no = known
            .iter()
            .map(|(number, _)| *number)
            .max()
            .unwrap_or(SERVER_DEVICE)
            + 1;
        let new = self.new_secret(id, device_no, device_id, now);
        if !tx.voucher_codes().add_secret(&new).await? {
            return Err(VoucherError::ChangedMeanwhile);
        }
        tx.voucher_codes().retire_others(id, device_no, now).await?;
        let batch = batch_of(&mut *tx, voucher.batch_id).await?;
        let deed = Deed::new("voucher.secret_delivered", id).within(batch.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(DeliveredSecret {
            device_no,
            secret: new.secret,
            server_time: now,
        })
    }

    /// The code of this moment, computed here, and eight digits for a dead camera.
    pub async fn show_code(&self, actor: &Actor, id: VoucherId) -> Result<ShownCode, VoucherError> {
        let allowance = format!("voucher-code:{}", actor.account_id);
        self.limiter
            .check(&allowance, CODES)
            .await
            .map_err(VoucherError::Throttled)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        usable(&mut *tx, actor, id, now).await?;
        let secret = self.server_secret(&mut *tx, id, now).await?;
        let step = CodeStep::at(id, SERVER_DEVICE, now);
        let mut draws = 0;
        let short_code = loop {
            let digits = short_code(self.foundation.random());
            if tx.voucher_codes().add_short_code(&digits, step).await? {
                break digits;
            }
            draws += 1;
            if draws == DRAWS {
                return Err(VoucherError::Throttled(Duration::from_secs(30)));
            }
        };
        tx.commit().await?;
        Ok(ShownCode {
            payload: step.offline_payload(&secret),
            short_code,
            expires_at: step.expires_at(),
        })
    }

    async fn server_secret(
        &self,
        tx: &mut dyn Tx,
        id: VoucherId,
        now: DateTime<Utc>,
    ) -> Result<CodeSecret, VoucherError> {
        let wanted = [(id, SERVER_DEVICE)];
        if let Some((_, secret)) = tx
            .voucher_codes()
            .secrets(&wanted)
            .await?
            .into_iter()
            .next()
        {
            return Ok(secret);
        }
        let new = self.new_secret(id, SERVER_DEVICE, String::new(), now);
        if tx.voucher_codes().add_secret(&new).await? {
            return Ok(new.secret);
        }
        // A twin was first; its secret is the one.
        let first = tx
            .voucher_codes()
            .secrets(&wanted)
            .await?
            .into_iter()
            .next();
        first
            .map(|(_, secret)| secret)
            .ok_or(VoucherError::ChangedMeanwhile)
    }

    fn new_secret(
        &self,
        voucher_id: VoucherId,
        device_no: u16,
        device_id: String,
        now: DateTime<Utc>,
    ) -> NewSecret {
        NewSecret {
            id: CodeSecretId::generate(now, self.foundation.random()),
            voucher_id,
            device_no,
            device_id,
            secret: CodeSecret::generate(self.foundation.random()),
            created_at: now,
        }
    }
}

async fn usable(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: VoucherId,
    now: DateTime<Utc>,
) -> Result<Voucher, VoucherError> {
    let voucher = own(tx, actor, id).await?;
    match voucher.state_at(now) {
        // A used one too: scanning it again says when and where, and an annulment may bring it
        // back.
        VoucherState::Issued | VoucherState::Redeemed => Ok(voucher),
        state @ (VoucherState::Expired | VoucherState::Deactivated | VoucherState::Recalled) => {
            Err(VoucherError::VoucherNotUsable(state))
        }
    }
}
