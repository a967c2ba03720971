//! Inviting staff, accepting an invitation, looking at roles and taking them away.

use actix_web::{HttpResponse, delete, get, post, web};
use niangjia_domain::{
    identity::{IdentityService, InviteStaff},
    kernel::{Answer, id::kind},
};

use super::{
    account::AccountDto,
    code,
    staff_dto::{InvitationDto, NewInvitationDto, StaffBindingDto, StaffGrantDto},
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

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

/// Roles inside the caller's area.
#[utoipa::path(tag = "identity", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<StaffGrantDto>)), security(("bearer" = [])))]
#[get("/admin/staff-grants")]
pub async fn list_staff_grants(
    identity: web::Data<IdentityService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = identity.staff_grants(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, StaffGrantDto::from)))
}

/// Takes a role away, at once.
#[utoipa::path(tag = "identity", params(("id" = String, Path)), responses((status = 204)), security(("bearer" = [])))]
#[delete("/admin/staff-grants/{id}")]
pub async fn withdraw_staff_grant(
    identity: web::Data<IdentityService>,
    caller: Caller,
    id: IdPath<kind::Grant>,
) -> Result<HttpResponse, Problem> {
    identity.withdraw_grant(&caller.0, id.0).await?;
    Ok(reply::no_content())
}
