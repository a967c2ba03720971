//! Applications of a cadre's area with their due times, and what is decided about them. Names and
//! numbers are masked.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Invalid, id::kind, values::local_time},
    membership::{
        ApplicationDecision, MembershipService, ports::ApplicationFilter,
        standing::lifecycle::Status, view::ApplicationLine,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::memberships::{MembershipDto, UnionRefDto};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict, chosen, instant},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
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
    fn filter(&self) -> Result<ApplicationFilter, Invalid> {
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
    decision: String,
    /// Of the application, as the decider saw it.
    revision: i64,
    /// Needed for `return` and `reject`; the worker reads it.
    reason: Option<String>,
}

/// Applications of the caller's area, masked, with due times.
#[utoipa::path(tag = "membership", responses((status = 200, body = PageView<ApplicationDto>)), security(("bearer" = [])),
    params(ApplicationQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)))]
#[get("/admin/membership-applications")]
pub async fn list_applications(
    membership: web::Data<MembershipService>,
    caller: Caller,
    query: web::Query<ApplicationQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = membership
        .applications(&caller.0, query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, ApplicationDto::from)))
}

/// Accepts an application, sends it back for correction, or rejects it.
#[utoipa::path(tag = "membership", params(("id" = String, Path)), request_body = DecisionDto,
    responses((status = 200, body = MembershipDto)), security(("bearer" = [])))]
#[post("/admin/memberships/{id}/decisions")]
pub async fn decide_on_membership(
    membership: web::Data<MembershipService>,
    caller: Caller,
    id: IdPath<kind::Membership>,
    body: Strict<DecisionDto>,
) -> Result<HttpResponse, Problem> {
    let decision = ApplicationDecision::parse(&body.0.decision, body.0.reason.as_deref())?;
    Ok(reply::ok(MembershipDto::from(
        membership
            .decide(&caller.0, id.0, decision, body.0.revision)
            .await?,
    )))
}
