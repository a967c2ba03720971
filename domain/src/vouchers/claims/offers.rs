//! What a worker can claim now, and what is missing where they cannot (invariant V14).

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    kernel::{Actor, Page, PageRequest, Role, id::BudgetId, values::local_time},
    vouchers::{
        ClaimService, VoucherError,
        batches::{
            batch::Batch,
            rules::{BatchRules, Distribution, eligibility::Condition},
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
        let budget_ids: Vec<_> = ids.iter().copied().map(BudgetId::from).collect();
        let budgets = tx.ledger().budgets(&budget_ids).await?;
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
            let budget = budgets.iter().find(|budget| budget.id == batch.id.into());
            let remaining = budget.map_or(0, |budget| budget.room_for(batch.rules.face_value));
            let claimed = used.get(&batch.id).copied().unwrap_or_default();
            let issued_today = today.get(&batch.id).copied().unwrap_or_default();
            let entry = entries
                .iter()
                .find(|entry| entry.batch_id == batch.id)
                .cloned();
            let mut missing = batch.rules.eligibility.missing(standing.as_ref());
            missing.extend(
                Progress {
                    claimed,
                    remaining,
                    issued_today,
                    is_entered: entry.is_some(),
                }
                .blocked(&batch.rules, now),
            );
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

/// How far a batch, and one worker with it, has come.
struct Progress {
    claimed: i64,
    remaining: i64,
    issued_today: i64,
    is_entered: bool,
}

impl Progress {
    /// What keeps anybody, or this worker, from claiming or entering now.
    fn blocked(&self, rules: &BatchRules, now: DateTime<Utc>) -> Vec<Condition> {
        let is_early = rules.claims_from.is_some_and(|from| now < from);
        let is_day_used = rules
            .daily_quota
            .is_some_and(|daily| self.issued_today >= daily);
        let is_drawn = rules.draw_at.is_some_and(|at| now >= at);
        let conditions: &[_] = match rules.distribution {
            Distribution::FirstCome => &[
                (is_early, Condition::NotOpenYet),
                (
                    self.claimed >= rules.per_person_limit,
                    Condition::PersonLimit,
                ),
                (self.remaining < 1, Condition::Quota),
                (is_day_used, Condition::DailyQuota),
            ],
            Distribution::Draw => &[
                (is_early, Condition::NotOpenYet),
                (self.is_entered, Condition::Entered),
                (is_drawn, Condition::EntriesClosed),
            ],
            Distribution::Allotment => &[(true, Condition::GrantedByUnion)],
        };
        let met = conditions.iter().filter(|(is, _)| *is);
        met.map(|(_, condition)| *condition).collect()
    }
}
