//! What reviewers get and hear when something is held: a task for each redemption, one message a
//! station. Whoever scanned or ate it neither decides nor is warned.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    CollusionService, Suspension,
    ports::{Noticed, SuspendedScan},
};
use crate::{
    kernel::{
        id::{AccountId, PersonId, RedemptionId, StationId},
        values::local_time,
    },
    notices::Recipient,
    stations::station::Station,
    store::{StoreError, Tx},
    tasks::{
        NewTask, TaskKind, close,
        hearers::{Circle, tell},
        open,
        ports::Shown,
        task::Parties,
    },
    vouchers::{news, reviewers::place_of},
};

/// A cadre says whether a redemption that looks like collusion is paid.
pub const SUSPENDED_REDEMPTION: TaskKind = TaskKind {
    code: "suspended_redemption",
    label: "核销复核",
    working_days: 3,
};

impl CollusionService {
    /// The kind, with the working days of this house's policy.
    pub fn task_kind(&self) -> TaskKind {
        TaskKind {
            working_days: self.policy.review_working_days,
            ..SUSPENDED_REDEMPTION
        }
    }

    /// What the queue of tasks shows of these redemptions.
    pub async fn under_review(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        let ids = subjects.iter().filter_map(|subject| subject.parse().ok());
        let ids: Vec<RedemptionId> = ids.collect();
        let suspensions = self
            .foundation
            .read()
            .await?
            .suspensions()
            .find_many(&ids)
            .await?;
        let shown = |suspension: Suspension| Shown {
            subject: suspension.redemption.id.to_string(),
            revision: suspension.revision(),
            summary: local_time::rfc3339(suspension.redemption.scanned_at),
        };
        Ok(suspensions.into_iter().map(shown).collect())
    }

    /// Once for a redemption, however many signals speak about it while it waits.
    pub(super) async fn open_tasks(
        &self,
        tx: &mut dyn Tx,
        station: &Station,
        noticed: &[Noticed],
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let newly = noticed
            .iter()
            .filter(|one| !one.was_held)
            .map(|one| (one.scan.redemption_id, one.scan));
        let newly: BTreeMap<RedemptionId, SuspendedScan> = newly.collect();
        if newly.is_empty() {
            return Ok(());
        }
        let (now, place, kind) = (self.foundation.now(), place_of(station), self.task_kind());
        let staff = persons_of(tx, newly.values()).await?;
        let mut everybody = Parties::default();
        let mut tasks = Vec::with_capacity(newly.len());
        for scan in newly.values() {
            let persons = staff.get(&scan.staff_id).copied().flatten();
            let persons = persons.into_iter().chain([scan.person_id]);
            let parties = Parties::new([scan.staff_id], persons);
            everybody.extend(&parties);
            let task = NewTask::new(kind, scan.redemption_id, place.clone());
            tasks.push(task.without(parties));
        }
        open::open(tx, self.foundation.random(), tasks, now).await?;
        let hearers = Circle::of(&place).hearers(tx, &everybody).await?;
        let message = |to: Recipient| {
            to.template(&news::REDEMPTIONS_SUSPENDED)
                .with("station", &station.name)
                .with("count", newly.len())
                .with("due", local_time::month_and_day(due_at))
                .about(station.id)
        };
        tell(tx, hearers, message, self.foundation.random(), now).await
    }
}

/// A redemption that was annulled needs no review.
pub(in crate::vouchers) async fn drop_review(
    tx: &mut dyn Tx,
    redemption: RedemptionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let subject = [redemption.to_string()];
    close::withdraw(tx, SUSPENDED_REDEMPTION, &subject, now).await?;
    Ok(())
}

/// Sorted by station.
pub(super) async fn at_stations<T>(
    tx: &mut dyn Tx,
    items: Vec<T>,
    station: impl Fn(&T) -> StationId,
) -> Result<Vec<(Station, Vec<T>)>, StoreError> {
    let mut groups: BTreeMap<StationId, Vec<T>> = BTreeMap::new();
    for item in items {
        groups.entry(station(&item)).or_default().push(item);
    }
    let ids: Vec<_> = groups.keys().copied().collect();
    let stations = tx.stations().find_many(&ids).await?.into_iter();
    Ok(stations
        .filter_map(|station| groups.remove(&station.id).map(|items| (station, items)))
        .collect())
}

/// The human beings behind the accounts that scanned.
async fn persons_of(
    tx: &mut dyn Tx,
    scans: impl Iterator<Item = &SuspendedScan>,
) -> Result<BTreeMap<AccountId, Option<PersonId>>, StoreError> {
    let accounts: BTreeSet<_> = scans.map(|scan| scan.staff_id).collect();
    let mut persons = BTreeMap::new();
    for staff in accounts {
        persons.insert(staff, tx.accounts().person_of(staff).await?);
    }
    Ok(persons)
}
