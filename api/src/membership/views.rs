//! Memberships, unions and cards on the wire.

use niangjia_domain::{
    kernel::values::local_time,
    membership::{
        CardCheck, CardView, ConsentView,
        unions::routing::{Alternative, Routing},
        view::{MembershipView, UnionRef},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

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

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MembershipCard)]
pub struct CardDto {
    member_no: String,
    name_masked: String,
    /// `provisional` or `active`
    status: &'static str,
    union_name: String,
    /// Shown as a QR code; good for two minutes.
    code: String,
    expires_at: String,
}

impl From<CardView> for CardDto {
    fn from(card: CardView) -> Self {
        Self {
            member_no: card.member_no,
            name_masked: card.name_masked,
            status: card.status.code(),
            union_name: card.union_name,
            code: card.code,
            expires_at: local_time::rfc3339(card.expires_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardCheck)]
pub struct CardCheckDto {
    member_no: String,
    name_masked: String,
    status: &'static str,
    union_name: String,
}

impl From<CardCheck> for CardCheckDto {
    fn from(check: CardCheck) -> Self {
        Self {
            member_no: check.member_no,
            name_masked: check.name_masked,
            status: check.status.code(),
            union_name: check.union_name,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consent)]
pub struct ConsentDto {
    pub purpose: &'static str,
    version: String,
    given_at: String,
}

impl From<ConsentView> for ConsentDto {
    fn from(view: ConsentView) -> Self {
        Self {
            purpose: view.purpose.code(),
            version: view.version,
            given_at: local_time::rfc3339(view.given_at),
        }
    }
}
