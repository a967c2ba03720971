//! One's own membership: the union, why this one and which others there would be, and leaving.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::values::local_time,
    membership::{
        MembershipService,
        unions::routing::{Alternative, Routing},
        view::{MembershipView, UnionRef},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Empty, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Membership)]
pub struct MembershipDto {
    #[schema(example = "mem_01jd3v7c9vf8ys2v4t0y3z5q7r")]
    id: String,
    /// `applied provisional under_review active returned rejected withdrawn`
    status: String,
    /// `null` until the person is a member; then it never changes.
    #[schema(example = "3708112026000042")]
    member_no: Option<String>,
    union: UnionRefDto,
    routing: RoutingDto,
    /// When the union's decision is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// `YYYY-MM-DD`
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_on: Option<String>,
    /// What the union wrote when returning or rejecting.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<MembershipView> for MembershipDto {
    fn from(view: MembershipView) -> Self {
        Self {
            id: view.id.to_string(),
            status: view.status,
            member_no: view.member_no,
            union: view.union.into(),
            routing: view.routing.into(),
            due_at: view.due_at.map(local_time::rfc3339),
            joined_on: view.joined_on.map(|day| day.to_string()),
            reason: view.reason,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnionRef)]
pub struct UnionRefDto {
    id: String,
    name: String,
}

impl From<UnionRef> for UnionRefDto {
    fn from(union: UnionRef) -> Self {
        Self {
            id: union.id.to_string(),
            name: union.name,
        }
    }
}

/// Which union the worker was sent to, and why that one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Routing)]
pub struct RoutingDto {
    /// `roster employer occupation holding_pool city_holding_pool`
    rule: &'static str,
    reason: String,
    /// Unions that would have been next.
    alternatives: Vec<AlternativeDto>,
}

impl From<Routing> for RoutingDto {
    fn from(routing: Routing) -> Self {
        let alternatives = routing
            .alternatives
            .into_iter()
            .map(AlternativeDto::from)
            .collect();
        Self {
            rule: routing.rule.code(),
            reason: routing.reason,
            alternatives,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoutingAlternative)]
pub struct AlternativeDto {
    id: String,
    name: String,
    rule: &'static str,
}

impl From<Alternative> for AlternativeDto {
    fn from(other: Alternative) -> Self {
        Self {
            id: other.union_id.to_string(),
            name: other.name,
            rule: other.rule.code(),
        }
    }
}

/// One's own membership, live or ended.
#[utoipa::path(tag = "membership", responses((status = 200, body = MembershipDto)), security(("bearer" = [])))]
#[get("/me/membership")]
pub async fn get_my_membership(
    membership: web::Data<MembershipService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(MembershipDto::from(
        membership.own(&caller.0).await?,
    )))
}

/// Leaves the union, or takes an application back.
#[utoipa::path(tag = "membership", request_body = Empty, responses((status = 200, body = MembershipDto)),
    security(("bearer" = [])))]
#[post("/me/membership/withdrawal")]
pub async fn withdraw_membership(
    membership: web::Data<MembershipService>,
    caller: Caller,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(MembershipDto::from(
        membership.withdraw(&caller.0).await?,
    )))
}
