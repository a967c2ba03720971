//! Where stations and reports about them are kept.

use async_trait::async_trait;

use super::{report::StationReport, station::Station};
use crate::{
    kernel::{DistrictCode, id::StationId},
    store::StoreError,
};

#[async_trait]
pub trait StationRepository: Send {
    /// `false` when the district already has a station of this name.
    async fn add(&mut self, station: &Station) -> Result<bool, StoreError>;
    async fn find(&mut self, id: StationId) -> Result<Option<Station>, StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[StationId]) -> Result<Vec<Station>, StoreError>;
    /// All stations inside a district, or all there are (a prefecture has a few hundred).
    async fn list_within(
        &mut self,
        district: Option<DistrictCode>,
    ) -> Result<Vec<Station>, StoreError>;
    async fn add_report(&mut self, report: &StationReport) -> Result<(), StoreError>;
    /// Staff accounts bound to the station, to be told about reports.
    async fn staff_of(
        &mut self,
        id: StationId,
    ) -> Result<Vec<crate::kernel::id::AccountId>, StoreError>;
}
