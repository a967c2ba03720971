//! Where the van stops, and how many seats are left: public.

pub mod schedule;

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use niangjia_domain::{
    checkups::{BrowseSessions, CheckupService, SessionView, SlotView, bookings::consent},
    kernel::{Invalid, id::kind, values::local_time::rfc3339},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::times::day;
use crate::http::{
    extract::{IdPath, Paging, district, near},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// Six-digit district code; a prefecture covers its counties.
    district: Option<String>,
    /// First day, `YYYY-MM-DD`; today when absent.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Last day, included.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// `lng,lat` in GCJ-02 degrees; the answer is then sorted nearest first.
    #[param(example = "116.59,35.41")]
    near: Option<String>,
}

impl SessionQuery {
    fn wanted(&self) -> Result<BrowseSessions, Invalid> {
        Ok(BrowseSessions {
            district: self.district.as_deref().map(district).transpose()?,
            from: self
                .from
                .as_deref()
                .map(|text| day("from", text))
                .transpose()?,
            to: self.to.as_deref().map(|text| day("to", text)).transpose()?,
            near: self.near.as_deref().map(near).transpose()?,
        })
    }
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

/// Sessions from today on, soonest first; nearest first when `near` is given.
#[utoipa::path(tag = "checkups", params(SessionQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SessionDto>)))]
#[get("/checkup-sessions")]
pub async fn list_checkup_sessions(
    request: HttpRequest,
    checkups: web::Data<CheckupService>,
    query: web::Query<SessionQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = checkups.sessions(&query.wanted()?, page.0).await?;
    reply::cached(&request, &PageView::of(page, SessionDto::from))
}

/// One session with its slots.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), responses((status = 200, body = SessionDto)))]
#[get("/checkup-sessions/{id}")]
pub async fn get_checkup_session(
    request: HttpRequest,
    checkups: web::Data<CheckupService>,
    id: IdPath<kind::CheckupSession>,
) -> Result<HttpResponse, Problem> {
    let session = checkups.session(id.0).await?;
    reply::cached(&request, &SessionDto::from(session))
}
