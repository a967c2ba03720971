//! Grants and invitations as they are stored.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    invitation::{Invitation, InvitationCode},
    staff_grant::StaffGrant,
};
use crate::{
    kernel::{
        Grant, Jurisdiction, Page, PageRequest,
        id::{AccountId, GrantId, InvitationId},
    },
    store::StoreError,
};

/// Stored roles; those that come with the account itself (`AccountKind::inborn_grants`) are not
/// among them.
#[async_trait]
pub trait GrantRepository: Send {
    /// `false` when the account holds it already.
    async fn add(&mut self, grant: &StaffGrant) -> Result<bool, StoreError>;
    async fn of(&mut self, account: AccountId) -> Result<Vec<Grant>, StoreError>;
    async fn find(
        &mut self,
        id: GrantId,
        area: &Jurisdiction,
    ) -> Result<Option<StaffGrant>, StoreError>;
    /// Newest first, inside the reader's area.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<StaffGrant>, StoreError>;
    /// `false` when it was gone.
    async fn remove(&mut self, id: GrantId) -> Result<bool, StoreError>;
}

#[async_trait]
pub trait InvitationRepository: Send {
    async fn insert(
        &mut self,
        invitation: &Invitation,
        code: &InvitationCode,
    ) -> Result<(), StoreError>;
    async fn find_by_code(
        &mut self,
        code: &InvitationCode,
    ) -> Result<Option<Invitation>, StoreError>;
    /// Uses up a live, unused invitation; `false` when somebody was first or it has expired.
    async fn consume(
        &mut self,
        id: InvitationId,
        by: AccountId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Ends whatever `account` sent out that nobody has used yet.
    async fn void_unused_of(
        &mut self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
}
