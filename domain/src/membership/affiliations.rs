//! What membership and stations tell identity, which lies below them and knows neither.

use async_trait::async_trait;

use crate::{
    identity::ports::{Affiliations, MembershipSummary},
    kernel::{
        DistrictCode, Jurisdiction,
        id::{PersonId, StationId, UnionId},
    },
    store::{StoreError, Tx},
};

#[derive(Debug, Clone, Copy)]
pub struct StoredAffiliations;

#[async_trait]
impl Affiliations for StoredAffiliations {
    async fn membership_of(
        &self,
        tx: &mut dyn Tx,
        person: PersonId,
    ) -> Result<Option<MembershipSummary>, StoreError> {
        tx.memberships().summary_of(person).await
    }

    async fn has_station(
        &self,
        tx: &mut dyn Tx,
        station: StationId,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError> {
        let station = tx.stations().find(station).await?;
        Ok(station.is_some_and(|station| area.covers_district(station.district)))
    }

    async fn has_union(
        &self,
        tx: &mut dyn Tx,
        union: UnionId,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError> {
        Ok(tx.unions().find_within(union, area).await?.is_some())
    }

    async fn station_district(
        &self,
        tx: &mut dyn Tx,
        station: StationId,
    ) -> Result<Option<DistrictCode>, StoreError> {
        let station = tx.stations().find(station).await?;
        Ok(station.map(|station| station.district))
    }

    async fn union_district(
        &self,
        tx: &mut dyn Tx,
        union: UnionId,
    ) -> Result<Option<DistrictCode>, StoreError> {
        let union = tx.unions().find(union).await?;
        Ok(union.map(|union| union.district))
    }
}
