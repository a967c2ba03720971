//! Flat views that leave this context. None of them holds personal data in clear.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    occupation::Occupation,
    platform::Platform,
    standing::{lifecycle::Status, record::Membership},
    unions::{routing::Routing, union::Union},
};
use crate::kernel::{
    DistrictCode,
    id::{MembershipId, PersonId, UnionId},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnionRef {
    pub id: UnionId,
    pub name: String,
}

impl From<&Union> for UnionRef {
    fn from(union: &Union) -> Self {
        Self {
            id: union.id,
            name: union.name.clone(),
        }
    }
}

/// A membership as its person (and the deciding cadre) sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipView {
    pub id: MembershipId,
    pub status: String,
    pub member_no: Option<String>,
    pub union: UnionRef,
    pub routing: Routing,
    pub due_at: Option<DateTime<Utc>>,
    pub joined_on: Option<NaiveDate>,
    /// What the cadre wrote when returning or rejecting.
    pub reason: Option<String>,
}

impl MembershipView {
    pub fn new(membership: &Membership, union: &Union) -> Self {
        let enrolment = membership.state.enrolment();
        Self {
            id: membership.id,
            status: membership.state.status().code().to_owned(),
            member_no: enrolment.map(|enrolment| enrolment.member_no.to_string()),
            union: union.into(),
            routing: membership.filing.routing.clone(),
            due_at: membership.state.due_at(),
            joined_on: enrolment.map(|enrolment| enrolment.joined_on),
            reason: membership.state.reason().map(str::to_owned),
        }
    }
}

/// One line of the cadres' queue: masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationLine {
    pub id: MembershipId,
    /// What a decision has to name.
    pub revision: i64,
    pub person_id: PersonId,
    pub status: Status,
    pub name_masked: String,
    pub id_number_masked: String,
    pub phone_masked: Option<String>,
    pub occupation: Occupation,
    pub platform: Option<Platform>,
    pub work_district: DistrictCode,
    pub union: UnionRef,
    pub routing_reason: String,
    pub applied_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
}
