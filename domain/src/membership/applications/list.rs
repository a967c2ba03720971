//! The cadres' queue: masked, inside their area, those that wait unless asked otherwise.

use crate::{
    kernel::{Actor, Page, PageRequest},
    membership::{
        MembershipService,
        error::MembershipError,
        ports::{ApplicationFilter, UnionFilter},
        unions::union::Union,
        view::ApplicationLine,
    },
};

impl MembershipService {
    pub async fn applications(
        &self,
        actor: &Actor,
        filter: ApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<ApplicationLine>, MembershipError> {
        let area = actor.require_reader()?;
        Ok(self
            .foundation
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
            .foundation
            .read()
            .await?
            .unions()
            .list(&area, filter, page)
            .await?)
    }
}
