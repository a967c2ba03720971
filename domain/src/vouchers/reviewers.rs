//! Who hears that something waits for a decision: cadres of the station's district. Where it has
//! nobody who may decide, the district around it hears.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        DistrictCode, Random,
        id::{AccountId, PersonId, StationId},
    },
    notices::Template,
    outbox::OutboxEvent,
    store::{StoreError, Tx},
};

/// Whoever had a part in what is to be decided: they neither decide nor are warned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Involved {
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) persons: BTreeSet<PersonId>,
}

impl Involved {
    fn includes(&self, account: AccountId, person: Option<PersonId>) -> bool {
        self.accounts.contains(&account)
            || person.is_some_and(|person| self.persons.contains(&person))
    }
}

/// One message about all that waits at a station.
#[derive(Debug, Clone)]
pub(crate) struct QueueNews {
    /// Whose cadres are the first to hear; `None`: those who act everywhere.
    pub(crate) district: Option<DistrictCode>,
    pub(crate) involved: Involved,
    pub(crate) station: StationId,
    pub(crate) template: &'static Template,
    /// The template's parameters.
    pub(crate) words: Vec<(&'static str, String)>,
}

impl QueueNews {
    pub(crate) async fn tell(
        &self,
        tx: &mut dyn Tx,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let message = |hearer| {
            let news = OutboxEvent::to(hearer).template(self.template);
            let news = self
                .words
                .iter()
                .fold(news, |news, (name, value)| news.with(*name, value));
            news.about(self.station).at(now, random)
        };
        let events = self.hearers(tx).await?.into_iter().map(message).collect();
        tx.outbox().append_all(events).await
    }

    async fn hearers(&self, tx: &mut dyn Tx) -> Result<Vec<AccountId>, StoreError> {
        let mut level = self.district;
        loop {
            let cadres = tx.grants().cadres_of(level).await?.into_iter();
            let free: Vec<_> = cadres
                .filter(|(account, person)| !self.involved.includes(*account, *person))
                .map(|(account, _)| account)
                .collect();
            match level {
                Some(district) if free.is_empty() => level = district.parent(),
                _ => return Ok(free),
            }
        }
    }
}

/// A day as people read it.
pub(crate) fn day_of(instant: DateTime<Utc>) -> String {
    crate::kernel::values::local_time::date_of(instant)
        .format("%-m月%-d日")
        .to_string()
}
