//! A worker's own membership, and the card with its short-lived code. Read live, never cached (M9).

use chrono::{DateTime, Utc};

use super::lifecycle::Status;
use crate::{
    kernel::{AccessError, Actor},
    membership::{MembershipService, error::MembershipError, view::MembershipView},
};

/// What the phone shows at a counter.
#[derive(Debug, Clone)]
pub struct CardView {
    pub member_no: String,
    pub name_masked: String,
    pub status: Status,
    pub union_name: String,
    pub code: String,
    pub expires_at: DateTime<Utc>,
}

impl MembershipService {
    /// The newest membership, live or ended, with the reason if a cadre gave one.
    pub async fn own(&self, actor: &Actor) -> Result<MembershipView, MembershipError> {
        let person = actor.person_id.ok_or(MembershipError::NoMembership)?;
        let mut tx = self.foundation.read().await?;
        let membership = tx
            .memberships()
            .latest_of(person)
            .await?
            .ok_or(MembershipError::NoMembership)?;
        let union = tx
            .unions()
            .find(membership.filing.union_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(MembershipView::new(&membership, &union))
    }

    /// Only members have a card; an application under review has not.
    pub async fn card(&self, actor: &Actor) -> Result<CardView, MembershipError> {
        let person_id = actor.person_id.ok_or(MembershipError::NoMembership)?;
        let mut tx = self.foundation.read().await?;
        let live = tx.memberships().live_of(person_id).await?;
        let membership = live
            .filter(|live| live.state.status().is_member())
            .ok_or(MembershipError::NoMembership)?;
        let enrolment = membership
            .state
            .enrolment()
            .ok_or(MembershipError::NoMembership)?;
        let person = tx
            .persons()
            .find(person_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let union = tx
            .unions()
            .find(membership.filing.union_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let code = self
            .cards
            .issue(&enrolment.member_no, self.foundation.now());
        Ok(CardView {
            member_no: enrolment.member_no.to_string(),
            name_masked: person.name_masked(),
            status: membership.state.status(),
            union_name: union.name,
            code: code.text,
            expires_at: code.expires_at,
        })
    }
}
