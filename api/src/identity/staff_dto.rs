//! Shapes of invitations and stored roles.

use niangjia_domain::{
    identity::{InviteStaff, IssuedInvitation, staff::staff_grant::StaffGrant},
    kernel::{
        Grant, Invalid, Jurisdiction, Role,
        id::{StationId, UnionId},
        values::local_time::rfc3339,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::ScopeDto;
use crate::http::extract::district;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = StaffBinding)]
pub struct StaffBindingDto {
    #[schema(example = "7K3M-9QWX-2BDF-HJ5N")]
    pub invitation_code: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewStaffInvitation)]
pub struct NewInvitationDto {
    /// `station_staff` (with `stationId`), `cadre` or `auditor` (with `district` or `unionId`).
    role: InvitedRole,
    station_id: Option<String>,
    #[schema(example = "370811")]
    district: Option<String>,
    union_id: Option<String>,
    /// 1 to 336; 72 by default.
    expires_in_hours: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitedRole {
    StationStaff,
    Cadre,
    Auditor,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StaffInvitation)]
pub struct InvitationDto {
    id: String,
    /// Shown this once.
    invitation_code: String,
    expires_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StaffGrant)]
pub struct StaffGrantDto {
    id: String,
    account_id: String,
    #[schema(value_type = String)]
    role: Role,
    scope: Option<ScopeDto>,
    granted_at: String,
}

impl TryFrom<NewInvitationDto> for InviteStaff {
    type Error = Invalid;

    fn try_from(dto: NewInvitationDto) -> Result<Self, Invalid> {
        Ok(Self {
            expires_in_hours: dto.expires_in_hours.unwrap_or(Self::DEFAULT_HOURS),
            grant: dto.grant()?,
        })
    }
}

impl NewInvitationDto {
    /// Exactly the one scope that fits the role.
    fn grant(&self) -> Result<Grant, Invalid> {
        match (self.role, &self.station_id, &self.district, &self.union_id) {
            (InvitedRole::StationStaff, Some(station), None, None) => {
                Ok(Grant::StationStaff(station_id(station)?))
            }
            (InvitedRole::StationStaff, ..) => Err(Invalid::field(
                "stationId",
                "scope_mismatch",
                "邀请驿站工作人员时，请只填写驿站",
            )),
            (role, None, Some(code), None) => {
                Ok(role.over(Jurisdiction::District(district(code)?)))
            }
            (role, None, None, Some(union)) => Ok(role.over(Jurisdiction::Union(union_id(union)?))),
            _ => Err(Invalid::field(
                "district",
                "scope_mismatch",
                "邀请工会干部或审计人员时，请填写区县或工会其中一项",
            )),
        }
    }
}

impl InvitedRole {
    fn over(self, area: Jurisdiction) -> Grant {
        if self == Self::Auditor {
            Grant::Auditor(area)
        } else {
            Grant::Cadre(area)
        }
    }
}

fn station_id(text: &str) -> Result<StationId, Invalid> {
    text.parse()
        .map_err(|_| Invalid::field("stationId", "id_invalid", "驿站编号有误，请从列表中选择"))
}

fn union_id(text: &str) -> Result<UnionId, Invalid> {
    text.parse()
        .map_err(|_| Invalid::field("unionId", "id_invalid", "工会编号有误，请从列表中选择"))
}

impl From<IssuedInvitation> for InvitationDto {
    fn from(issued: IssuedInvitation) -> Self {
        Self {
            id: issued.id.to_string(),
            invitation_code: issued.code.display(),
            expires_at: rfc3339(issued.expires_at),
        }
    }
}

impl From<StaffGrant> for StaffGrantDto {
    fn from(grant: StaffGrant) -> Self {
        Self {
            id: grant.id.to_string(),
            account_id: grant.account_id.to_string(),
            role: grant.grant.role(),
            scope: ScopeDto::of(&grant.grant),
            granted_at: rfc3339(grant.granted_at),
        }
    }
}
