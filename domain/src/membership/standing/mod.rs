//! Standing, as benefits read it: live, from the database, in their own transaction (invariant M9).

pub mod lifecycle;
pub mod member_number;
pub mod record;

pub(crate) mod show_own;
pub(crate) mod withdraw;

use serde::{Deserialize, Serialize};

use crate::kernel::{
    DistrictCode,
    id::{MembershipId, PersonId, UnionId},
};

/// How firmly a person belongs to a union. Only these two open benefits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingLevel {
    /// In the holding pool: meals and wishes, not health checks.
    Provisional,
    /// Accepted by a grass-roots union.
    Active,
}

/// A person's live standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub membership_id: MembershipId,
    pub person_id: PersonId,
    pub level: StandingLevel,
    pub union_id: UnionId,
    /// District of the holding union.
    pub district: DistrictCode,
    pub occupation: Option<String>,
}
