//! Inviting somebody to a role, and accepting: an invitation is good for the one role and place it
//! names.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    identity::{IdentityService, InviteStaff, IssuedInvitation},
    kernel::{
        Answer, Grant, Invalid, Jurisdiction,
        id::{StationId, UnionId},
        values::local_time::rfc3339,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{accounts::AccountDto, code};
use crate::http::{
    extract::{Caller, Strict, district},
    problem::Problem,
    reply,
};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitedRole {
    StationStaff,
    Cadre,
    Auditor,
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

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StaffInvitation)]
pub struct InvitationDto {
    id: String,
    /// Shown this once.
    invitation_code: String,
    expires_at: String,
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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = StaffBinding)]
pub struct StaffBindingDto {
    #[schema(example = "7K3M-9QWX-2BDF-HJ5N")]
    invitation_code: String,
}

/// Invites somebody to a role inside the caller's area; the code is shown this once.
#[utoipa::path(tag = "identity", request_body = NewInvitationDto, responses((status = 201, body = InvitationDto)), security(("bearer" = [])))]
#[post("/admin/staff-invitations")]
pub async fn invite_staff(
    identity: web::Data<IdentityService>,
    caller: Caller,
    body: Strict<NewInvitationDto>,
) -> Result<HttpResponse, Problem> {
    let issued = identity
        .invite_staff(&caller.0, InviteStaff::try_from(body.0)?)
        .await?;
    let location = format!("/api/v1/admin/staff-invitations/{}", issued.id);
    Ok(reply::created(
        location,
        Answer::fresh(InvitationDto::from(issued)),
    ))
}

/// Binds the invited role to the signed-in account.
#[utoipa::path(tag = "identity", request_body = StaffBindingDto, responses((status = 201, body = AccountDto)), security(("bearer" = [])))]
#[post("/auth/staff-bindings")]
pub async fn bind_staff(
    identity: web::Data<IdentityService>,
    caller: Caller,
    body: Strict<StaffBindingDto>,
) -> Result<HttpResponse, Problem> {
    let code = code("invitationCode", &body.0.invitation_code)?;
    let account = AccountDto::from(identity.bind_staff(&caller.0, &code).await?);
    Ok(reply::created("/api/v1/me", Answer::fresh(account)))
}
