//! Campaigns and sessions on the wire.

use chrono::NaiveDate;
use niangjia_domain::{
    checkups::{
        SessionView, SlotView,
        bookings::consent,
        sessions::{
            campaign::{Campaign, CampaignPlan},
            session::SessionPlan,
            slot::SlotPlan,
        },
    },
    kernel::{Invalid, Place, id::CampaignId, invalid::FieldCheck, values::local_time::rfc3339},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::query::{day, moment};
use crate::http::extract::district;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCampaignDto {
    name: String,
    district: String,
    /// First day.
    #[schema(format = Date)]
    from: String,
    /// Last day, included.
    #[schema(format = Date)]
    to: String,
}

impl TryFrom<NewCampaignDto> for CampaignPlan {
    type Error = Invalid;

    fn try_from(dto: NewCampaignDto) -> Result<Self, Invalid> {
        let mut check = FieldCheck::default();
        let district = check.take(district(&dto.district));
        let (from, to) = (
            check.take(day("from", &dto.from)),
            check.take(day("to", &dto.to)),
        );
        check.finish()?;
        let whole = || district.zip(from).zip(to);
        let ((district, from), to) = whole().ok_or_else(incomplete)?;
        Ok(Self {
            name: dto.name,
            district,
            from,
            to,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupCampaign)]
pub struct CampaignDto {
    pub id: String,
    name: String,
    district: String,
    from: NaiveDate,
    /// Included.
    to: NaiveDate,
}

impl From<Campaign> for CampaignDto {
    fn from(campaign: Campaign) -> Self {
        Self {
            id: campaign.id.to_string(),
            name: campaign.name,
            district: campaign.district.to_string(),
            from: campaign.from,
            to: campaign.to,
        }
    }
}

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

impl NewSessionDto {
    pub fn plan(self) -> Result<(CampaignId, SessionPlan, Vec<SlotPlan>), Invalid> {
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

fn slot(date: NaiveDate, (index, dto): (usize, &NewSlotDto)) -> Result<SlotPlan, Invalid> {
    let start = moment(&format!("slots[{index}].start"), date, &dto.start)?;
    let end = moment(&format!("slots[{index}].end"), date, &dto.end)?;
    Ok(SlotPlan {
        start,
        end,
        capacity: dto.capacity,
    })
}

/// What a field check without findings cannot leave behind.
fn incomplete() -> Invalid {
    Invalid::field("", "missing_field", "缺少必填内容，请补充后重新提交")
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupSession)]
pub struct SessionDto {
    pub id: String,
    campaign_id: String,
    place: String,
    /// GCJ-02 degrees.
    lng: f64,
    lat: f64,
    district: String,
    date: NaiveDate,
    vehicle: String,
    packages: Vec<String>,
    slots: Vec<SlotDto>,
    /// Version of the health consent that a booking must name; its text is on the membership form.
    health_consent_version: &'static str,
    /// Great-circle metres from `near`.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_metres: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupSlot)]
pub struct SlotDto {
    id: String,
    start: String,
    end: String,
    capacity: u32,
    /// Seats that can be booked at this moment.
    bookable: u32,
}

impl From<SlotView> for SlotDto {
    fn from(slot: SlotView) -> Self {
        Self {
            id: slot.id.to_string(),
            start: rfc3339(slot.start),
            end: rfc3339(slot.end),
            capacity: slot.capacity,
            bookable: slot.bookable,
        }
    }
}

impl From<SessionView> for SessionDto {
    fn from(view: SessionView) -> Self {
        let session = view.session;
        Self {
            id: session.id.to_string(),
            campaign_id: session.campaign_id.to_string(),
            place: session.place,
            lng: session.location.lng(),
            lat: session.location.lat(),
            district: session.district.to_string(),
            date: session.date,
            vehicle: session.vehicle,
            packages: session.packages,
            slots: view.slots.into_iter().map(SlotDto::from).collect(),
            health_consent_version: consent::version_in_force(),
            distance_metres: view.distance_metres,
        }
    }
}
