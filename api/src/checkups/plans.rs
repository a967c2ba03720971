//! What cadres plan and count.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    checkups::{CheckupService, sessions::campaign::CampaignPlan},
    kernel::{Answer, id::kind},
};

use super::{
    attendance_dto::AttendanceDto,
    session_dto::{CampaignDto, NewCampaignDto, NewSessionDto, SessionDto},
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Opens a health-check programme in the caller's area.
#[utoipa::path(tag = "checkups", request_body = NewCampaignDto, responses((status = 201, body = CampaignDto)), security(("bearer" = [])))]
#[post("/admin/checkup-campaigns")]
pub async fn open_checkup_campaign(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    body: Strict<NewCampaignDto>,
) -> Result<HttpResponse, Problem> {
    let campaign = checkups
        .open_campaign(&caller.0, CampaignPlan::try_from(body.0)?)
        .await?;
    let campaign = CampaignDto::from(campaign);
    Ok(reply::created(
        format!("/api/v1/admin/checkup-campaigns/{}", campaign.id),
        Answer::fresh(campaign),
    ))
}

/// Programmes of the caller's area, newest first.
#[utoipa::path(tag = "checkups", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<CampaignDto>)), security(("bearer" = [])))]
#[get("/admin/checkup-campaigns")]
pub async fn list_checkup_campaigns(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = checkups.campaigns(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, CampaignDto::from)))
}

/// Sends a van to a place on a day.
#[utoipa::path(tag = "checkups", request_body = NewSessionDto, responses((status = 201, body = SessionDto)), security(("bearer" = [])))]
#[post("/admin/checkup-sessions")]
pub async fn schedule_checkup_session(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    body: Strict<NewSessionDto>,
) -> Result<HttpResponse, Problem> {
    let (campaign, plan, slots) = body.0.plan()?;
    let session = checkups
        .schedule_session(&caller.0, campaign, plan, &slots)
        .await?;
    let session = SessionDto::from(session);
    Ok(reply::created(
        format!("/api/v1/checkup-sessions/{}", session.id),
        Answer::fresh(session),
    ))
}

/// How many booked, came and finished. Counts only.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), responses((status = 200, body = AttendanceDto)), security(("bearer" = [])))]
#[get("/admin/checkup-sessions/{id}/attendance")]
pub async fn get_checkup_attendance(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    id: IdPath<kind::CheckupSession>,
) -> Result<HttpResponse, Problem> {
    let attendance = checkups.attendance(&caller.0, id.0).await?;
    Ok(reply::ok(AttendanceDto::from(attendance)))
}
