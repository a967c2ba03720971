//! Public batches, kept in this process: their rules are frozen, so that a claim need not read them
//! again. What changes, a batch's state and its budget, is never decided from here.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::batch::Batch;
use crate::{
    kernel::id::VoucherBatchId,
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        wallet::list::{StationName, station_names},
    },
};

/// Names of stations may be mended.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(60);
/// Far more than issue at a time.
const MOST: usize = 1_000;

/// A batch with what a voucher of it shows.
#[derive(Debug)]
pub(crate) struct PublicBatch {
    pub batch: Batch,
    pub stations: Vec<StationName>,
    loaded_at: DateTime<Utc>,
}

/// When and in how long a batch begins to issue, if it does not yet.
pub(crate) fn opens_later(batch: &Batch, now: DateTime<Utc>) -> Option<VoucherError> {
    let from = batch.rules.claims_from.filter(|from| now < *from)?;
    Some(VoucherError::BatchNotOpenYet {
        from,
        wait: (from - now).to_std().unwrap_or_default(),
    })
}

#[derive(Debug, Default)]
pub(crate) struct PublicBatches(Mutex<HashMap<VoucherBatchId, Arc<PublicBatch>>>);

impl PublicBatches {
    /// Those of the batches that are public, asking the database for what is not here or no longer
    /// fresh.
    pub(crate) async fn load(
        &self,
        tx: &mut dyn Tx,
        ids: BTreeSet<VoucherBatchId>,
        now: DateTime<Utc>,
    ) -> Result<HashMap<VoucherBatchId, Arc<PublicBatch>>, StoreError> {
        let mut found: HashMap<_, _> = ids
            .iter()
            .filter_map(|id| Some((*id, self.fresh(*id, now)?)))
            .collect();
        let absent: Vec<_> = ids
            .into_iter()
            .filter(|id| !found.contains_key(id))
            .collect();
        if absent.is_empty() {
            return Ok(found);
        }
        let mut batches = tx.voucher_batches().find_many(&absent).await?;
        batches.retain(Batch::is_public);
        let names = station_names(tx, batches.iter()).await?;
        for batch in batches {
            let shelved = Arc::new(PublicBatch {
                stations: names.of(&batch),
                batch,
                loaded_at: now,
            });
            self.put(shelved.clone());
            found.insert(shelved.batch.id, shelved);
        }
        Ok(found)
    }

    /// As it was when it was last loaded: good for what is frozen.
    pub(crate) fn peek(&self, id: VoucherBatchId) -> Option<Arc<PublicBatch>> {
        self.kept().get(&id).cloned()
    }

    fn fresh(&self, id: VoucherBatchId, now: DateTime<Utc>) -> Option<Arc<PublicBatch>> {
        let shelved = self.kept().get(&id)?.clone();
        let age = now - shelved.loaded_at;
        (TimeDelta::zero()..FRESH_FOR)
            .contains(&age)
            .then_some(shelved)
    }

    fn put(&self, shelved: Arc<PublicBatch>) {
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(shelved.batch.id, shelved);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<VoucherBatchId, Arc<PublicBatch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
