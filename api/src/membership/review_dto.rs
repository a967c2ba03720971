//! The cadres' queue, decisions and reveals on the wire.

use niangjia_domain::{
    kernel::{Invalid, values::local_time},
    membership::{
        Revealed, ports::ApplicationFilter, standing::lifecycle::Status, view::ApplicationLine,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::UnionRefDto;
use crate::http::extract::{chosen, instant};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ApplicationQuery {
    /// One status; without it those that wait for a decision (`provisional` and `under_review`).
    status: Option<String>,
    /// RFC 3339
    #[param(example = "2026-06-12T10:00:00+08:00")]
    due_before: Option<String>,
}

impl ApplicationQuery {
    pub fn filter(&self) -> Result<ApplicationFilter, Invalid> {
        let (mend, status) = ("没有这个状态，请从列表中选择", self.status.as_deref());
        let status = chosen("status", "status_unknown", mend, status, Status::parse)?;
        let due_before = self.due_before.as_deref();
        let due_before = due_before.map(|text| instant("dueBefore", text));
        Ok(ApplicationFilter {
            status,
            due_before: due_before.transpose()?,
        })
    }
}

/// Masked: what is hidden is revealed one person at a time, with a reason.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MembershipApplication)]
pub struct ApplicationDto {
    id: String,
    /// To be named by a decision.
    revision: i64,
    person_id: String,
    status: &'static str,
    name_masked: String,
    id_number_masked: String,
    phone_masked: Option<String>,
    occupation: &'static str,
    platform: Option<&'static str>,
    work_district: String,
    union: UnionRefDto,
    routing_reason: String,
    applied_at: String,
    due_at: Option<String>,
}

impl From<ApplicationLine> for ApplicationDto {
    fn from(line: ApplicationLine) -> Self {
        Self {
            id: line.id.to_string(),
            revision: line.revision,
            person_id: line.person_id.to_string(),
            status: line.status.code(),
            name_masked: line.name_masked,
            id_number_masked: line.id_number_masked,
            phone_masked: line.phone_masked,
            occupation: line.occupation.code(),
            platform: line.platform.map(|platform| platform.code()),
            work_district: line.work_district.to_string(),
            union: line.union.into(),
            routing_reason: line.routing_reason,
            applied_at: local_time::rfc3339(line.applied_at),
            due_at: line.due_at.map(local_time::rfc3339),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MembershipDecision)]
pub struct DecisionDto {
    /// `accept return reject`
    #[schema(example = "accept")]
    pub decision: String,
    /// Of the application, as the decider saw it.
    pub revision: i64,
    /// Needed for `return` and `reject`; the worker reads it.
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReveal)]
pub struct RevealDto {
    /// Of `name idNumber phone`.
    pub fields: Vec<String>,
    /// Why, for the audit trail.
    pub reason: String,
}

/// Only what was asked for and is there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Revealed)]
pub struct RevealedDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

impl From<Revealed> for RevealedDto {
    fn from(revealed: Revealed) -> Self {
        let Revealed {
            name,
            id_number,
            phone,
        } = revealed;
        Self {
            name,
            id_number,
            phone,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCardCheck)]
pub struct CardCodeDto {
    /// What the card's QR code says.
    pub code: String,
}
