//! Sheets as cadres, auditors and the station's own staff see them.

use super::{line::Line, reach::Reach, settlement::Settlement};
use crate::{
    kernel::{
        AccessError, Actor, Page, PageRequest,
        id::{SettlementId, StationId},
    },
    settlements::{SettlementError, SettlementService, ports::SettlementFilter},
};

impl SettlementService {
    pub async fn settlement(
        &self,
        actor: &Actor,
        id: SettlementId,
    ) -> Result<Settlement, SettlementError> {
        let reach = Reach::of(actor)?;
        Ok(self
            .foundation
            .read()
            .await?
            .settlements()
            .find(id, &reach)
            .await?
            .ok_or(AccessError::NotFound)?)
    }

    /// Of the caller's area, newest first.
    pub async fn settlements(
        &self,
        actor: &Actor,
        filter: SettlementFilter,
        page: PageRequest,
    ) -> Result<Page<Settlement>, SettlementError> {
        let reach = Reach::area(actor.require_reader()?);
        Ok(self
            .foundation
            .read()
            .await?
            .settlements()
            .list(&reach, filter, page)
            .await?)
    }

    /// Of one station, for its own staff. Another station's are not found.
    pub async fn settlements_at(
        &self,
        actor: &Actor,
        station: StationId,
        page: PageRequest,
    ) -> Result<Page<Settlement>, SettlementError> {
        if !actor.require_staff()?.contains(&station) {
            return Err(AccessError::NotFound.into());
        }
        let (reach, filter) = (Reach::stations(vec![station]), SettlementFilter::default());
        Ok(self
            .foundation
            .read()
            .await?
            .settlements()
            .list(&reach, filter, page)
            .await?)
    }

    /// In order; empty while the sheet is open.
    pub async fn lines(
        &self,
        actor: &Actor,
        id: SettlementId,
        page: PageRequest,
    ) -> Result<Page<Line>, SettlementError> {
        let reach = Reach::of(actor)?;
        let mut tx = self.foundation.read().await?;
        tx.settlements()
            .find(id, &reach)
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(tx.settlements().page_of_lines(id, page).await?)
    }
}
