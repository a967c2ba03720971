//! What this context needs from outside. Writes are guarded: they say whether they took effect.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    claims::wish_claim::{ClaimStatus, Donor, WishClaim},
    moderation::wish_report::WishReport,
    wish::{Wish, status::WishStatus},
};
use crate::{
    kernel::{
        DistrictCode, Jurisdiction, Page, PageRequest,
        id::{AccountId, PersonId, StationId, WishClaimId, WishId},
    },
    store::StoreError,
};

/// Which public wishes to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallFilter {
    pub district: Option<DistrictCode>,
    pub category: Option<String>,
    pub status: WishStatus,
}

/// Which wishes a cadre looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    pub status: Option<WishStatus>,
    /// Reviews due before this instant.
    pub due_before: Option<DateTime<Utc>>,
}

#[async_trait]
pub trait WishRepository: Send {
    /// `false` when the person has a live wish already (W2: a partial unique index).
    async fn insert(&mut self, wish: &Wish) -> Result<bool, StoreError>;
    async fn find(&mut self, id: WishId) -> Result<Option<Wish>, StoreError>;
    async fn find_many(&mut self, ids: &[WishId]) -> Result<Vec<Wish>, StoreError>;
    async fn find_of(&mut self, id: WishId, owner: AccountId) -> Result<Option<Wish>, StoreError>;
    async fn find_within(
        &mut self,
        id: WishId,
        area: &Jurisdiction,
    ) -> Result<Option<Wish>, StoreError>;
    async fn find_at(
        &mut self,
        id: WishId,
        stations: &[StationId],
    ) -> Result<Option<Wish>, StoreError>;
    /// Writes the state if nobody has since `wish` was loaded; `false` otherwise.
    async fn save(&mut self, wish: &Wish) -> Result<bool, StoreError>;
    /// W1: gives a published wish to one claim in a single conditional statement, never to its own
    /// worker. `None` when it was not to be had.
    async fn take(
        &mut self,
        id: WishId,
        claim: WishClaimId,
        donor: &Donor,
    ) -> Result<Option<Wish>, StoreError>;
    /// Whether the person has a live wish; only a hint before [`insert`](Self::insert), which
    /// decides.
    async fn has_live(&mut self, person: PersonId) -> Result<bool, StoreError>;
    /// When this person last received something.
    async fn last_handover(
        &mut self,
        person: PersonId,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;
    async fn list_wall(
        &mut self,
        filter: &WallFilter,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError>;
    async fn list_own(
        &mut self,
        owner: AccountId,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError>;
    async fn list_queue(
        &mut self,
        area: &Jurisdiction,
        filter: &QueueFilter,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError>;
    /// Wishes the machine has not judged, oldest first.
    async fn list_unchecked(&mut self, limit: u64) -> Result<Vec<Wish>, StoreError>;
    /// `false` when this account has reported this wish already.
    async fn insert_report(&mut self, report: &WishReport) -> Result<bool, StoreError>;
    /// Reports per wish; wishes without any are absent.
    async fn count_reports(&mut self, ids: &[WishId]) -> Result<HashMap<WishId, u64>, StoreError>;
}

#[async_trait]
pub trait WishClaimRepository: Send {
    /// Takes one of the donor's numbered places (W8); `false` when all are taken.
    async fn insert(&mut self, claim: &WishClaim) -> Result<bool, StoreError>;
    async fn find(&mut self, id: WishClaimId) -> Result<Option<WishClaim>, StoreError>;
    async fn find_many(&mut self, ids: &[WishClaimId]) -> Result<Vec<WishClaim>, StoreError>;
    async fn find_of(
        &mut self,
        id: WishClaimId,
        donor: AccountId,
    ) -> Result<Option<WishClaim>, StoreError>;
    /// Writes the state if the claim is still `from`; `false` otherwise.
    async fn save(&mut self, claim: &WishClaim, from: ClaimStatus) -> Result<bool, StoreError>;
    async fn list_own(
        &mut self,
        donor: AccountId,
        page: PageRequest,
    ) -> Result<Page<WishClaim>, StoreError>;
    /// Active claims whose time is over at `now`, oldest first.
    async fn list_overdue(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<WishClaim>, StoreError>;
    /// Active claims made at or before `claimed_by` whose donor was not reminded yet.
    async fn list_unreminded(
        &mut self,
        claimed_by: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<WishClaim>, StoreError>;
    /// `false` when somebody else did, or the claim is not active any more.
    async fn mark_reminded(
        &mut self,
        id: WishClaimId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}
