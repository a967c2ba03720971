//! Batches whose counters somebody else holds for longer than we wait. A group that meets one goes
//! on without it: members of the batch are asked to come back, and nobody else waits for it.
//!
//! The first group that meets one waits for as long as the database is patient; later ones know. A
//! counter that is locked is asked about now and then, with little patience, until it is free.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    kernel::id::VoucherBatchId,
    store::{Store, StoreError},
};

/// How long "locked" is believed.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(500);
/// More are met again and again instead of being remembered.
const MOST: usize = 1_000;

/// Each with the instant at which it was last seen locked.
#[derive(Debug, Default)]
pub(crate) struct LockedBatches(Mutex<HashMap<VoucherBatchId, DateTime<Utc>>>);

/// What a member of a locked batch is told.
#[derive(Debug, thiserror::Error)]
#[error("the counter of {0} is held elsewhere")]
struct LockedElsewhere(VoucherBatchId);

pub(crate) fn locked_elsewhere(batch: VoucherBatchId) -> StoreError {
    StoreError::Locked {
        row: Some(batch.uuid()),
        cause: Box::new(LockedElsewhere(batch)),
    }
}

impl LockedBatches {
    /// Batches that a group leaves out. Opens a transaction of its own where one may be free again.
    pub(crate) async fn known(
        &self,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<HashSet<VoucherBatchId>, StoreError> {
        if let Some(batch) = self.due(now) {
            let mut tx = store.begin().await?;
            if tx.ledger().is_free(batch.into()).await? {
                self.seen().remove(&batch);
            }
        }
        Ok(self.seen().keys().copied().collect())
    }

    /// A group waited for this row in vain. Whether it is another one than those it left out: then
    /// it may be carried again.
    pub(crate) fn meet(
        &self,
        row: Uuid,
        left_out: &mut HashSet<VoucherBatchId>,
        now: DateTime<Utc>,
    ) -> bool {
        let batch = VoucherBatchId::from_uuid(row);
        let mut seen = self.seen();
        if seen.len() < MOST {
            seen.insert(batch, now);
        }
        left_out.insert(batch)
    }

    /// The one that was not looked at for longest, if it is time; it counts as seen now. One at a
    /// time, so that many cost a group no more than one does.
    fn due(&self, now: DateTime<Utc>) -> Option<VoucherBatchId> {
        let mut seen = self.seen();
        let (batch, at) = seen.iter_mut().min_by_key(|(_, at)| **at)?;
        let is_believed = (TimeDelta::zero()..BELIEVED).contains(&(now - *at));
        (!is_believed).then(|| {
            *at = now;
            *batch
        })
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<VoucherBatchId, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vouchers::testing::NOW;

    fn batch(n: u128) -> VoucherBatchId {
        VoucherBatchId::from_uuid(Uuid::from_u128(n))
    }

    fn at(millis: i64) -> DateTime<Utc> {
        NOW + TimeDelta::milliseconds(millis)
    }

    fn meet(locked: &LockedBatches, n: u128, millis: i64) {
        assert!(locked.meet(batch(n).uuid(), &mut HashSet::new(), at(millis)));
    }

    #[test]
    fn a_lock_is_believed_for_a_while_then_asked_about_once() {
        let locked = LockedBatches::default();
        assert_eq!(locked.due(at(0)), None);
        meet(&locked, 1, 0);
        assert_eq!(locked.due(at(499)), None);
        assert_eq!(locked.due(at(500)), Some(batch(1)));
        assert_eq!(locked.due(at(999)), None);
        assert_eq!(locked.due(at(-1)), Some(batch(1)), "a clock that went back");
    }

    #[test]
    fn of_many_locked_the_oldest_is_asked_about() {
        let locked = LockedBatches::default();
        (0..3).for_each(|n| meet(&locked, n, 10 * i64::try_from(n).unwrap()));
        let asked: Vec<_> = (0..4).map(|n| locked.due(at(1_000 + n))).collect();
        assert_eq!(
            asked,
            [Some(batch(0)), Some(batch(1)), Some(batch(2)), None]
        );
    }

    #[test]
    fn a_group_is_carried_again_for_each_batch_once() {
        let (locked, mut left_out) = (LockedBatches::default(), HashSet::new());
        assert!(locked.meet(batch(1).uuid(), &mut left_out, NOW));
        assert!(locked.meet(batch(2).uuid(), &mut left_out, NOW));
        assert!(!locked.meet(batch(1).uuid(), &mut left_out, NOW));
        assert_eq!(left_out, HashSet::from([batch(1), batch(2)]));
    }

    #[test]
    fn memory_is_bounded() {
        let locked = LockedBatches::default();
        (0..2 * MOST as u128).for_each(|n| meet(&locked, n, 0));
        assert_eq!(locked.seen().len(), MOST);
    }
}
