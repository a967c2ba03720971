//! Vouchers as their holder sees them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::voucher::{Voucher, VoucherState};
use crate::{
    kernel::{
        AccessError, Actor, Page, PageRequest, distinct,
        id::{StationId, VoucherId},
    },
    store::{StoreError, Tx},
    vouchers::{VoucherError, WalletService, batches::batch::Batch},
};

/// Where a voucher can be used, in one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationName {
    pub id: StationId,
    pub name: String,
}

/// A voucher with everything its holder needs to know, at an instant.
#[derive(Debug, Clone)]
pub struct VoucherView {
    pub voucher: Voucher,
    pub state: VoucherState,
    pub batch: Batch,
    pub stations: Vec<StationName>,
}

impl WalletService {
    /// The caller's own, newest first. An account without a person holds none.
    pub async fn my_vouchers(
        &self,
        actor: &Actor,
        state: Option<VoucherState>,
        page: PageRequest,
    ) -> Result<Page<VoucherView>, VoucherError> {
        let Some(holder) = actor.person_id else {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        };
        let now = self.foundation.now();
        let mut tx = self.foundation.read().await?;
        let page = tx.vouchers().list_of(holder, state, now, page).await?;
        Ok(Page {
            items: views(&mut *tx, page.items, now).await?,
            next: page.next,
        })
    }

    pub async fn my_voucher(
        &self,
        actor: &Actor,
        id: VoucherId,
    ) -> Result<VoucherView, VoucherError> {
        let mut tx = self.foundation.read().await?;
        let voucher = own(&mut *tx, actor, id).await?;
        Ok(views(&mut *tx, vec![voucher], self.foundation.now())
            .await?
            .pop()
            .ok_or(AccessError::NotFound)?)
    }
}

/// The caller's own voucher; somebody else's is not found.
pub(crate) async fn own(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: VoucherId,
) -> Result<Voucher, VoucherError> {
    let holder = actor.person_id.ok_or(AccessError::NotFound)?;
    Ok(tx
        .vouchers()
        .find_of(id, holder)
        .await?
        .ok_or(AccessError::NotFound)?)
}

async fn views(
    tx: &mut dyn Tx,
    vouchers: Vec<Voucher>,
    now: DateTime<Utc>,
) -> Result<Vec<VoucherView>, VoucherError> {
    let ids = distinct(vouchers.iter().map(|voucher| voucher.batch_id));
    let batches: HashMap<_, _> = tx
        .voucher_batches()
        .find_many(&ids)
        .await?
        .into_iter()
        .map(|batch| (batch.id, batch))
        .collect();
    let names = station_names(tx, batches.values()).await?;
    vouchers
        .into_iter()
        .map(|voucher| {
            let lost = || StoreError::Corrupt {
                table: "vouchers",
                id: voucher.id.to_string(),
            };
            let batch = batches.get(&voucher.batch_id).cloned().ok_or_else(lost)?;
            Ok(VoucherView {
                state: voucher.state_at(now),
                stations: names.of(&batch),
                voucher,
                batch,
            })
        })
        .collect()
}

/// Names of the stations of some batches.
pub(crate) struct StationNames(HashMap<StationId, String>);

impl StationNames {
    pub(crate) fn of(&self, batch: &Batch) -> Vec<StationName> {
        let named = |id: &StationId| {
            self.0.get(id).map(|name| StationName {
                id: *id,
                name: name.clone(),
            })
        };
        batch.rules.station_ids.iter().filter_map(named).collect()
    }
}

pub(crate) async fn station_names(
    tx: &mut dyn Tx,
    batches: impl Iterator<Item = &Batch> + Send,
) -> Result<StationNames, StoreError> {
    let ids = distinct(batches.flat_map(|batch| batch.rules.station_ids.iter().copied()));
    let stations = tx.stations().find_many(&ids).await?;
    Ok(StationNames(
        stations
            .into_iter()
            .map(|station| (station.id, station.name))
            .collect(),
    ))
}
