//! What noticing and holding need from outside.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    burst::Burst,
    pair::PairHabit,
    price::PriceHabit,
    signal::{Finding, Signal, Window},
    suspension::{NotedSignal, Suspension, SuspensionStatus},
    travel::Journey,
};
use crate::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{AccountId, PersonId, RedemptionId, StationId},
    },
    store::StoreError,
};

/// Figures for the rules, over live redemptions. Annulled ones say nothing.
#[async_trait]
pub trait SignalRepository: Send {
    /// When the oldest and the newest redemption were scanned that a sheet of the station would
    /// take, up to a day.
    async fn payable_span(
        &mut self,
        station: StationId,
        through: NaiveDate,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError>;
    /// Pairs with at least so many meals.
    async fn pair_habits(
        &mut self,
        window: Window,
        meals: i64,
    ) -> Result<Vec<PairHabit>, StoreError>;
    /// Staff who typed at least so many prices.
    async fn price_habits(
        &mut self,
        window: Window,
        typed: i64,
    ) -> Result<Vec<PriceHabit>, StoreError>;
    /// Scans amid `scans` within `within`, not noticed yet.
    async fn bursts(
        &mut self,
        window: Window,
        scans: u32,
        within: TimeDelta,
    ) -> Result<Vec<Burst>, StoreError>;
    /// Meals in a row at different stations within `within`, of which one is not noticed yet; of
    /// whoever ate at the window's station, wherever else.
    async fn journeys(
        &mut self,
        window: Window,
        within: TimeDelta,
    ) -> Result<Vec<Journey>, StoreError>;
    /// What the pair has to be paid for and was not noticed yet; nothing when a reviewer released
    /// such a suspension of the pair after `cleared_since`.
    async fn payable_of_pair(
        &mut self,
        habit: &PairHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError>;
    /// The same for prices typed at face value.
    async fn payable_at_face(
        &mut self,
        habit: &PriceHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError>;
}

/// A redemption that is held, with whoever had a part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspendedScan {
    pub redemption_id: RedemptionId,
    pub station_id: StationId,
    pub staff_id: AccountId,
    pub person_id: PersonId,
}

/// What a signal said for the first time about a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noticed {
    pub signal: Signal,
    pub scan: SuspendedScan,
    /// For another signal, and not decided yet.
    pub was_held: bool,
}

/// Which suspensions are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct SuspensionQuery {
    pub status: Option<SuspensionStatus>,
    pub signal: Option<Signal>,
    pub station_id: Option<StationId>,
    pub due_before: Option<DateTime<Utc>>,
}

#[async_trait]
pub trait SuspensionRepository: Send {
    /// Notes the signals and suspensions what is payable, each once per signal. What is settled, annulled
    /// or known to its signal is left out.
    async fn suspend(
        &mut self,
        findings: &[Finding],
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<Vec<Noticed>, StoreError>;
    async fn find_within(
        &mut self,
        id: RedemptionId,
        area: &Jurisdiction,
    ) -> Result<Option<Suspension>, StoreError>;
    /// Newest redemption first.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        query: SuspensionQuery,
        page: PageRequest,
    ) -> Result<Page<Suspension>, StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[RedemptionId]) -> Result<Vec<Suspension>, StoreError>;
    /// In the order in which they were noticed.
    async fn notices(
        &mut self,
        suspensions: &[RedemptionId],
    ) -> Result<Vec<(RedemptionId, NotedSignal)>, StoreError>;
    /// Writes the decision if the suspension is still open. A released redemption is payable again; a
    /// rejected one is annulled, its voucher deactivated, its meal free, its money back in the
    /// budget. `false` when somebody was first.
    async fn decide(&mut self, decided: &Suspension) -> Result<bool, StoreError>;
}
