//! What a worker can claim now, and what is missing where they cannot (invariant V14).

use std::collections::HashMap;

use crate::{
    kernel::{Actor, Page, PageRequest, Role, values::local_time},
    vouchers::{
        ClaimService, VoucherError,
        batches::{
            batch::Batch,
            rules::{Distribution, eligibility::Condition},
        },
        draw::DrawEntry,
        wallet::list::{StationName, station_names},
    },
};

/// A running batch in one worker's eyes.
#[derive(Debug, Clone)]
pub struct Offer {
    pub batch: Batch,
    pub stations: Vec<StationName>,
    /// How many vouchers quota and budget still allow.
    pub remaining: i64,
    /// How many this person has had.
    pub claimed: i64,
    /// The person's own, where it is released by lot.
    pub entry: Option<DrawEntry>,
    /// Empty: it can be claimed, or entered, now.
    pub missing: Vec<Condition>,
}

impl ClaimService {
    /// A forecast: the claim itself decides.
    pub async fn offers(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<Offer>, VoucherError> {
        actor.require(Role::Worker)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.read().await?;
        let page = tx.voucher_batches().list_open(now, page).await?;
        let ids: Vec<_> = page.items.iter().map(|batch| batch.id).collect();
        let counters = tx.voucher_batches().counters(&ids).await?;
        let today: HashMap<_, _> = tx
            .voucher_batches()
            .issued_on(&ids, local_time::date_of(now))
            .await?
            .into_iter()
            .collect();
        let (standing, used, entries) = match actor.person_id {
            Some(person) => (
                tx.memberships().standing_of(person).await?,
                tx.vouchers().slots_used(person, &ids).await?,
                tx.draws().entries_of(person, &ids).await?,
            ),
            None => (None, Vec::new(), Vec::new()),
        };
        let used: HashMap<_, _> = used.into_iter().collect();
        let stations = station_names(&mut *tx, page.items.iter()).await?;
        let offer = |batch: Batch| {
            let counter = counters.iter().find(|counter| counter.batch_id == batch.id);
            let remaining = counter.map_or(0, |counter| counter.room_for(batch.rules.face_value));
            let claimed = used.get(&batch.id).copied().unwrap_or_default();
            let issued_today = today.get(&batch.id).copied().unwrap_or_default();
            let entry = entries
                .iter()
                .find(|entry| entry.batch_id == batch.id)
                .cloned();
            let mut missing = batch.rules.eligibility.missing(standing.as_ref());
            let is_early = batch.rules.claims_from.is_some_and(|from| now < from);
            let first_come = [
                (is_early, Condition::NotOpenYet),
                (
                    claimed >= batch.rules.per_person_limit,
                    Condition::PersonLimit,
                ),
                (remaining < 1, Condition::Quota),
                (
                    batch
                        .rules
                        .daily_quota
                        .is_some_and(|daily| issued_today >= daily),
                    Condition::DailyQuota,
                ),
            ];
            let by_lot = [
                (is_early, Condition::NotOpenYet),
                (entry.is_some(), Condition::Entered),
                (
                    batch.rules.draw_at.is_some_and(|at| now >= at),
                    Condition::EntriesClosed,
                ),
            ];
            let blocked = |conditions: &[(bool, Condition)]| -> Vec<_> {
                conditions
                    .iter()
                    .filter_map(|(is, condition)| is.then_some(*condition))
                    .collect()
            };
            missing.extend(match batch.rules.distribution {
                Distribution::FirstCome => blocked(&first_come),
                Distribution::Draw => blocked(&by_lot),
                Distribution::Allotment => vec![Condition::GrantedByUnion],
            });
            Offer {
                stations: stations.of(&batch),
                remaining,
                claimed,
                entry,
                missing,
                batch,
            }
        };
        Ok(page.map(offer))
    }
}
