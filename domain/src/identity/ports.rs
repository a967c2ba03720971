//! What identity asks of the rooms above it. What it needs from outside is in the `ports.rs` of
//! each folder.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        DistrictCode, Jurisdiction,
        id::{MembershipId, PersonId, StationId, UnionId},
    },
    store::{StoreError, Tx},
};

/// The live membership in a few words, for other contexts' views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipSummary {
    pub id: MembershipId,
    pub status: String,
    pub member_no: Option<String>,
    pub union_id: UnionId,
    pub union_name: String,
}

/// The rooms above know members, unions and stations.
#[async_trait]
pub trait Affiliations: Send + Sync {
    /// The live membership of a person, as their account shows it.
    async fn membership_of(
        &self,
        tx: &mut dyn Tx,
        person: PersonId,
    ) -> Result<Option<MembershipSummary>, StoreError>;
    /// Whether there is such a station inside the area.
    async fn has_station(
        &self,
        tx: &mut dyn Tx,
        station: StationId,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError>;
    /// Where a station is; `None` where there is none.
    async fn station_district(
        &self,
        tx: &mut dyn Tx,
        station: StationId,
    ) -> Result<Option<DistrictCode>, StoreError>;
    /// Where a union is; `None` where there is none.
    async fn union_district(
        &self,
        tx: &mut dyn Tx,
        union: UnionId,
    ) -> Result<Option<DistrictCode>, StoreError>;
    /// Whether there is such a union inside the area.
    async fn has_union(
        &self,
        tx: &mut dyn Tx,
        union: UnionId,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError>;
}
