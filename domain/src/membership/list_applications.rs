//! The cadres' queue: masked, inside their area, those that wait unless asked otherwise.

use super::{
    MembershipService,
    error::MembershipError,
    ports::{ApplicationFilter, UnionFilter},
    union::Union,
    view::ApplicationLine,
};
use crate::kernel::{Actor, Page, PageRequest};

impl MembershipService {
    pub async fn applications(
        &self,
        actor: &Actor,
        filter: ApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<ApplicationLine>, MembershipError> {
        let area = actor.require_reader()?;
        Ok(self
            .store
            .read()
            .await?
            .memberships()
            .list(&area, filter, page)
            .await?)
    }

    pub async fn unions(
        &self,
        actor: &Actor,
        filter: UnionFilter,
        page: PageRequest,
    ) -> Result<Page<Union>, MembershipError> {
        let area = actor.require_reader()?;
        Ok(self
            .store
            .read()
            .await?
            .unions()
            .list(&area, filter, page)
            .await?)
    }
}
