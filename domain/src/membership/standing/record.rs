//! A membership as it is kept: a person's relation to one union, with how it came about.

use chrono::{DateTime, Utc};

use super::lifecycle::State;
use crate::{
    kernel::{
        DistrictCode, Phone,
        id::{AccountId, MembershipId, PersonId, UnionId},
    },
    membership::{
        occupation::Occupation,
        platform::Platform,
        unions::routing::{Routing, Rule},
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub id: MembershipId,
    pub person_id: PersonId,
    /// Who applied, and whose inbox is told.
    pub account_id: AccountId,
    pub filing: Filing,
    pub state: State,
    /// Counts saved changes: a save names the revision it read, so it is compare-and-set on the
    /// state it saw (M8).
    pub revision: i64,
}

/// What was applied for, and where it was sent. Replaced as a whole when a returned application is
/// mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// `None` once somebody else proved to have this number now (M7).
    pub phone: Option<Phone>,
    pub union_id: UnionId,
    pub routing: Routing,
    pub occupation: Occupation,
    pub platform: Option<Platform>,
    pub work_district: DistrictCode,
    /// When the worker declared to join of their own free will (M4).
    pub applied_at: DateTime<Utc>,
}

impl Filing {
    /// Whether being sent there makes one a member at once (pool, roster) or only after a decision.
    pub const fn admits_at_once(&self) -> bool {
        match self.routing.rule {
            Rule::Roster | Rule::HoldingPool | Rule::CityHoldingPool => true,
            Rule::Employer | Rule::Occupation => false,
        }
    }
}

impl Membership {
    /// A first application.
    pub const fn apply(
        id: MembershipId,
        person_id: PersonId,
        account_id: AccountId,
        filing: Filing,
    ) -> Self {
        Self {
            id,
            person_id,
            account_id,
            filing,
            state: State::Applied { enrolment: None },
            revision: 0,
        }
    }
}
