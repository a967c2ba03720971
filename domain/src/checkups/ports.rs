//! What this context needs from outside. Guarded writes report whether they took effect.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    bookings::booking::{Booking, BookingStatus},
    sessions::{campaign::Campaign, session::CheckupSession, slot::Slot},
    view::BookingView,
    visits::attend::SlotAttendance,
};
use crate::{
    kernel::{
        DistrictCode, Jurisdiction, Page, PageRequest, Place,
        id::{BookingId, CampaignId, CheckupSessionId, PersonId, SlotId},
    },
    store::StoreError,
};

/// Which sessions a list shows.
#[derive(Debug, Clone, Copy)]
pub struct SessionFilter {
    pub district: Option<DistrictCode>,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: Option<NaiveDate>,
    /// Nearest first; soonest first otherwise.
    pub near: Option<Place>,
}

/// Campaigns, their sessions, and the seats of their slots.
#[async_trait]
pub trait CampaignRepository: Send {
    async fn add_campaign(&mut self, campaign: &Campaign) -> Result<(), StoreError>;
    async fn find_campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError>;
    /// Newest first.
    async fn list_campaigns(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Campaign>, StoreError>;

    async fn add_session(
        &mut self,
        session: &CheckupSession,
        slots: &[Slot],
    ) -> Result<(), StoreError>;
    async fn find_session(
        &mut self,
        id: CheckupSessionId,
    ) -> Result<Option<CheckupSession>, StoreError>;
    /// The session, if any of the areas covers its district.
    async fn find_session_within(
        &mut self,
        id: CheckupSessionId,
        areas: &[Jurisdiction],
    ) -> Result<Option<CheckupSession>, StoreError>;
    async fn list_sessions(
        &mut self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<CheckupSession>, StoreError>;

    async fn find_slot(&mut self, id: SlotId) -> Result<Option<Slot>, StoreError>;
    /// Slots of these sessions, by start.
    async fn slots_of(&mut self, sessions: &[CheckupSessionId]) -> Result<Vec<Slot>, StoreError>;
    /// Takes one seat; `false` when none is left or the slot is over (B1).
    async fn take_seat(&mut self, slot: SlotId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Gives one seat back; `false` when none was taken.
    async fn free_seat(&mut self, slot: SlotId) -> Result<bool, StoreError>;
}

/// How a guarded completion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    Done,
    /// Somebody else changed the booking first.
    StateChanged,
    /// The person has a completed check in this eligibility year (B2).
    YearTaken,
}

#[async_trait]
pub trait BookingRepository: Send {
    /// `false` when the person holds a live booking in this campaign (B2).
    async fn add(&mut self, booking: &Booking) -> Result<bool, StoreError>;
    async fn find(&mut self, id: BookingId) -> Result<Option<Booking>, StoreError>;
    async fn find_of(
        &mut self,
        person: PersonId,
        id: BookingId,
    ) -> Result<Option<Booking>, StoreError>;
    /// The booking, if any of the areas covers its session's district.
    async fn find_within(
        &mut self,
        id: BookingId,
        areas: &[Jurisdiction],
    ) -> Result<Option<Booking>, StoreError>;
    /// A person's bookings, newest first.
    async fn list_of(
        &mut self,
        person: PersonId,
        page: PageRequest,
    ) -> Result<Page<BookingView>, StoreError>;
    /// Whether the person has a completed check in this eligibility year.
    async fn has_completed(&mut self, person: PersonId, year: i32) -> Result<bool, StoreError>;
    /// Writes the state if the booking is still in `from`. Completions go through
    /// [`BookingRepository::complete`].
    async fn save(&mut self, booking: &Booking, from: BookingStatus) -> Result<bool, StoreError>;
    /// Writes a completed state over `checked_in`. After anything but `Done` the transaction is of
    /// no more use.
    async fn complete(&mut self, booking: &Booking) -> Result<Completion, StoreError>;
    /// Counts by slot, in order of the slots.
    async fn attendance(
        &mut self,
        session: CheckupSessionId,
    ) -> Result<Vec<SlotAttendance>, StoreError>;
}
