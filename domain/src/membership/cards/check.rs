//! Staff look at a worker's card: genuine, shown just now, and still a member at this moment?

use crate::{
    kernel::Actor,
    membership::{MembershipService, error::MembershipError, standing::lifecycle::Status},
};

/// What staff see of the card's holder.
#[derive(Debug, Clone)]
pub struct CardCheck {
    pub member_no: String,
    pub name_masked: String,
    pub status: Status,
    pub union_name: String,
}

impl MembershipService {
    /// For station staff and cadres. The code says who; the database says whether they are still a
    /// member.
    pub async fn check_card(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<CardCheck, MembershipError> {
        actor
            .require_staff()
            .map(drop)
            .or_else(|_| actor.require_cadre().map(drop))?;
        let number = self
            .cards
            .read(code, self.foundation.now())
            .ok_or(MembershipError::CardRefused)?;
        let mut tx = self.foundation.read().await?;
        let found = tx.memberships().find_by_number(&number).await?;
        let membership = found
            .filter(|found| found.state.status().is_member())
            .ok_or(MembershipError::CardRefused)?;
        let person = tx
            .persons()
            .find(membership.person_id)
            .await?
            .ok_or(MembershipError::CardRefused)?;
        let union = tx
            .unions()
            .find(membership.filing.union_id)
            .await?
            .ok_or(MembershipError::CardRefused)?;
        Ok(CardCheck {
            member_no: number.to_string(),
            name_masked: person.name_masked(),
            status: membership.state.status(),
            union_name: union.name,
        })
    }
}
