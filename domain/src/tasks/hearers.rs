//! Who hears that something waits for a decision: cadres of its union and its district. Where there
//! is nobody who may decide, the area around hears; where there is none, those who act everywhere.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::task::{Parties, TaskPlace};
use crate::{
    kernel::{
        DistrictCode, Jurisdiction, Random,
        id::{AccountId, UnionId},
    },
    notices::{Draft, Recipient},
    outbox::OutboxEvent,
    store::{StoreError, Tx},
};

/// Whose cadres hear together. Both `None`: those who act everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circle {
    union: Option<UnionId>,
    district: Option<DistrictCode>,
}

impl Circle {
    pub const fn of(place: &TaskPlace) -> Self {
        Self {
            union: place.union_id,
            district: Some(place.district),
        }
    }

    /// The area above.
    pub async fn above(self, tx: &mut dyn Tx) -> Result<Self, StoreError> {
        let union = match self.union {
            Some(union) => tx.tasks().union_above(union).await?,
            None => None,
        };
        Ok(Self {
            union,
            district: self.district.and_then(DistrictCode::parent),
        })
    }

    fn areas(self) -> Vec<Jurisdiction> {
        let union = self.union.map(Jurisdiction::Union);
        let district = self.district.map(Jurisdiction::District);
        let own: Vec<_> = union.into_iter().chain(district).collect();
        if own.is_empty() {
            vec![Jurisdiction::Everywhere]
        } else {
            own
        }
    }

    const fn is_everywhere(self) -> bool {
        self.union.is_none() && self.district.is_none()
    }

    /// The nearest who had no part in it.
    pub async fn hearers(
        mut self,
        tx: &mut dyn Tx,
        parties: &Parties,
    ) -> Result<BTreeSet<AccountId>, StoreError> {
        loop {
            let mut free = BTreeSet::new();
            for area in self.areas() {
                let cadres = tx.offices().cadres_of(area).await?.into_iter();
                free.extend(
                    cadres
                        .filter(|(account, person)| !parties.include(*account, *person))
                        .map(|(account, _)| account),
                );
            }
            if !free.is_empty() || self.is_everywhere() {
                return Ok(free);
            }
            self = self.above(tx).await?;
        }
    }
}

/// The same message to all of them.
pub async fn tell(
    tx: &mut dyn Tx,
    hearers: impl IntoIterator<Item = AccountId>,
    message: impl Fn(Recipient) -> Draft,
    random: &dyn Random,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let event = |hearer| message(OutboxEvent::to(hearer)).at(now, random);
    let events = hearers.into_iter().map(event).collect();
    tx.outbox().append_all(events).await
}
