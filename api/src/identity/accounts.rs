//! An account as it is told to its owner: the phone number is masked, the person behind it is a
//! yes or no.

use niangjia_domain::{
    identity::{AccountView, ports::MembershipSummary},
    kernel::{Grant, Jurisdiction, Role},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountDto {
    #[schema(example = "acct_01jd3v7c9vf8ys2v4t0y3z5q7r")]
    id: String,
    /// `worker`, `donor`, `station_staff`, `cadre`, `auditor`, `admin`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "138****5678")]
    phone_masked: Option<String>,
    /// Whether a real name stands behind the account.
    person_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    membership: Option<AccountMembershipDto>,
    scopes: Vec<ScopeDto>,
}

impl From<AccountView> for AccountDto {
    fn from(view: AccountView) -> Self {
        let AccountView {
            account,
            grants,
            membership,
        } = view;
        Self {
            id: account.id.to_string(),
            roles: roles(&grants),
            nickname: account.nickname,
            phone_masked: account.phone.map(|phone| phone.masked()),
            person_verified: account.person_id.is_some(),
            membership: membership.map(AccountMembershipDto::from),
            scopes: grants.iter().filter_map(ScopeDto::of).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccountMembership)]
struct AccountMembershipDto {
    id: String,
    status: String,
    member_no: Option<String>,
    union: AccountUnionDto,
}

impl From<MembershipSummary> for AccountMembershipDto {
    fn from(summary: MembershipSummary) -> Self {
        Self {
            id: summary.id.to_string(),
            status: summary.status,
            member_no: summary.member_no,
            union: AccountUnionDto {
                id: summary.union_id.to_string(),
                name: summary.union_name,
            },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountUnion)]
struct AccountUnionDto {
    id: String,
    name: String,
}

/// Where a role holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scope)]
pub struct ScopeDto {
    #[schema(value_type = String)]
    role: Role,
    /// `station`, `district`, `union` or `everywhere`.
    kind: &'static str,
    /// Of the station or union, or the district's code; `null` for everywhere.
    id: Option<String>,
}

impl ScopeDto {
    /// `None` for roles that hold by themselves.
    pub fn of(grant: &Grant) -> Option<Self> {
        let role = grant.role();
        match grant {
            Grant::Worker | Grant::Donor | Grant::Admin => None,
            Grant::StationStaff(id) => Some(Self {
                role,
                kind: "station",
                id: Some(id.to_string()),
            }),
            Grant::Cadre(area) | Grant::Auditor(area) => Some(match area {
                Jurisdiction::Everywhere => Self {
                    role,
                    kind: "everywhere",
                    id: None,
                },
                Jurisdiction::District(code) => Self {
                    role,
                    kind: "district",
                    id: Some(code.to_string()),
                },
                Jurisdiction::Union(id) => Self {
                    role,
                    kind: "union",
                    id: Some(id.to_string()),
                },
            }),
        }
    }
}

/// Each role once, in the order of the grants.
fn roles(grants: &[Grant]) -> Vec<Role> {
    let mut roles = Vec::new();
    for role in grants.iter().map(Grant::role) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles
}
