//! Planning a stop of the van with its slots; every field that is wrong is named at once.

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use niangjia_domain::{
    checkups::{
        CheckupService,
        sessions::{session::SessionPlan, slot::SlotPlan},
    },
    kernel::{Answer, Invalid, Place, id::CampaignId, invalid::FieldCheck},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::SessionDto;
use crate::{
    checkups::{
        incomplete,
        times::{day, moment},
    },
    http::{
        extract::{Caller, Strict, district},
        problem::Problem,
        reply,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSessionDto {
    campaign_id: String,
    /// Name of the place as people know it.
    place: String,
    /// GCJ-02 degrees.
    lng: f64,
    lat: f64,
    district: String,
    #[schema(format = Date)]
    date: String,
    vehicle: String,
    /// Kinds of check on offer; empty when there is only one.
    #[serde(default)]
    packages: Vec<String>,
    slots: Vec<NewSlotDto>,
}

impl NewSessionDto {
    fn plan(self) -> Result<(CampaignId, SessionPlan, Vec<SlotPlan>), Invalid> {
        let mut check = FieldCheck::default();
        let unknown = |_| {
            Invalid::field(
                "campaignId",
                "campaign_unknown",
                "没有找到该体检活动，请重新选择",
            )
        };
        let campaign = check.take(self.campaign_id.parse().map_err(unknown));
        let district = check.take(district(&self.district));
        let location = check.take(Place::new(self.lng, self.lat));
        let date = check.take(day("date", &self.date));
        let slots = date.map(|date| {
            self.slots
                .iter()
                .enumerate()
                .filter_map(|one| check.take(slot(date, one)))
                .collect()
        });
        check.finish()?;
        let whole = campaign.zip(district).zip(location).zip(date).zip(slots);
        let ((((campaign, district), location), date), slots) = whole.ok_or_else(incomplete)?;
        let Self {
            place,
            vehicle,
            packages,
            ..
        } = self;
        Ok((
            campaign,
            SessionPlan {
                district,
                place,
                location,
                date,
                vehicle,
                packages,
            },
            slots,
        ))
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSlotDto {
    /// RFC 3339, or `HH:MM` of the session's day in Asia/Shanghai.
    #[schema(example = "08:30")]
    start: String,
    /// As `start`; `24:00` ends the day.
    #[schema(example = "10:00")]
    end: String,
    capacity: u32,
}

fn slot(date: NaiveDate, (index, dto): (usize, &NewSlotDto)) -> Result<SlotPlan, Invalid> {
    let start = moment(&format!("slots[{index}].start"), date, &dto.start)?;
    let end = moment(&format!("slots[{index}].end"), date, &dto.end)?;
    Ok(SlotPlan {
        start,
        end,
        capacity: dto.capacity,
    })
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
