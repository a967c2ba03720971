//! Stations as everybody finds them: near a point, in a district, with a service, open now.
//! Answers may be kept by caches, so nothing in them depends on who asks.

use actix_web::{HttpRequest, HttpResponse, get, web};
use niangjia_domain::{
    kernel::{Invalid, id::kind},
    stations::{
        StationFilter, StationService, StationView,
        hours::Opening,
        station::{Amenity, Station},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{IdPath, Paging, district, near},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct StationQuery {
    /// `lng,lat` in GCJ-02 degrees; the answer is then sorted nearest first.
    #[param(example = "116.59,35.41")]
    near: Option<String>,
    /// Six-digit district code; a prefecture covers its counties.
    district: Option<String>,
    /// One of `water charging microwave toilet rest medicine meals parcels`.
    service: Option<String>,
    open_now: Option<bool>,
}

impl StationQuery {
    fn filter(&self) -> Result<StationFilter, Invalid> {
        let district = self.district.as_deref().map(district).transpose()?;
        let amenity = self.service.as_deref().map(amenity).transpose()?;
        let near = self.near.as_deref().map(near).transpose()?;
        Ok(StationFilter {
            near,
            district,
            amenity,
            open_now: self.open_now.unwrap_or_default(),
        })
    }
}

pub fn amenity(text: &str) -> Result<Amenity, Invalid> {
    Amenity::parse(text)
        .ok_or_else(|| Invalid::field("service", "service_unknown", "没有这项服务，请从列表中选择"))
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Station)]
pub struct StationDto {
    #[schema(example = "stn_01jd3v7c9vf8ys2v4t0y3z5q7r")]
    id: String,
    name: String,
    district: String,
    address: String,
    /// GCJ-02 degrees.
    lng: f64,
    lat: f64,
    services: Vec<String>,
    /// Seven days, Monday first.
    hours: Vec<DayDto>,
    open_now: bool,
    /// Great-circle metres from `near`.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_metres: Option<u64>,
}

impl From<StationView> for StationDto {
    fn from(view: StationView) -> Self {
        let StationView {
            station,
            open_now,
            distance_metres,
        } = view;
        Self::new(station, open_now, distance_metres)
    }
}

impl StationDto {
    pub fn new(station: Station, open_now: bool, distance_metres: Option<u64>) -> Self {
        Self {
            id: station.id.to_string(),
            district: station.district.to_string(),
            lng: station.place.lng(),
            lat: station.place.lat(),
            services: station.amenities.iter().filter_map(amenity_name).collect(),
            hours: (1..)
                .zip(&station.hours.weekly)
                .map(|(weekday, openings)| day(weekday, openings))
                .collect(),
            name: station.name,
            address: station.address,
            open_now,
            distance_metres,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DayDto {
    /// 1 is Monday.
    weekday: u8,
    openings: Vec<OpeningDto>,
}

/// `HH:MM` in Asia/Shanghai, half-open.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningDto {
    #[schema(example = "08:00")]
    pub from: String,
    #[schema(example = "20:00")]
    pub to: String,
}

fn amenity_name(amenity: &Amenity) -> Option<String> {
    serde_json::to_value(amenity)
        .ok()?
        .as_str()
        .map(str::to_owned)
}

fn day(weekday: u8, openings: &[Opening]) -> DayDto {
    let openings = openings
        .iter()
        .map(|one| OpeningDto {
            from: one.from_text(),
            to: one.to_text(),
        })
        .collect();
    DayDto { weekday, openings }
}

/// Stations, nearest first when `near` is given.
#[utoipa::path(tag = "stations", params(StationQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<StationDto>)))]
#[get("/stations")]
pub async fn list_stations(
    request: HttpRequest,
    stations: web::Data<StationService>,
    query: web::Query<StationQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = stations.list(&query.filter()?, page.0).await?;
    reply::cached(&request, &PageView::of(page, StationDto::from))
}

/// One station.
#[utoipa::path(tag = "stations", params(("id" = String, Path)), responses((status = 200, body = StationDto)))]
#[get("/stations/{id}")]
pub async fn get_station(
    request: HttpRequest,
    stations: web::Data<StationService>,
    id: IdPath<kind::Station>,
) -> Result<HttpResponse, Problem> {
    let view = stations.get(id.0).await?;
    reply::cached(&request, &StationDto::from(view))
}
