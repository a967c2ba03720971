//! Shapes on the wire.

use niangjia_domain::{
    kernel::{FieldError, Invalid, Place, id::StationReportId},
    stations::{
        NewStation, ReportKind, ReportReceipt, StationFilter, StationView,
        hours::{Opening, OpeningHours},
        station::{Amenity, Station},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::extract::{district, near};

#[derive(Debug, Deserialize, IntoParams)]
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
    pub fn filter(&self) -> Result<StationFilter, Invalid> {
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

fn amenity(text: &str) -> Result<Amenity, Invalid> {
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
    from: String,
    #[schema(example = "20:00")]
    to: String,
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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStationDto {
    name: String,
    district: String,
    address: String,
    lng: f64,
    lat: f64,
    services: Vec<String>,
    /// The same openings every day; absent means around the clock.
    hours: Option<OpeningDto>,
}

impl TryFrom<NewStationDto> for NewStation {
    type Error = Invalid;

    fn try_from(dto: NewStationDto) -> Result<Self, Invalid> {
        let opening = match &dto.hours {
            Some(hours) => Opening::parse("hours", &hours.from, &hours.to)?,
            None => Opening::ALL_DAY,
        };
        Ok(Self {
            district: district(&dto.district)?,
            place: Place::new(dto.lng, dto.lat)?,
            hours: OpeningHours::daily(opening),
            amenities: dto
                .services
                .iter()
                .map(|text| amenity(text))
                .collect::<Result<_, _>>()
                .map_err(in_list)?,
            name: dto.name,
            address: dto.address,
        })
    }
}

fn in_list(invalid: Invalid) -> Invalid {
    let rename = |error: FieldError| FieldError {
        field: "services".to_owned(),
        ..error
    };
    Invalid {
        errors: invalid.errors.into_iter().map(rename).collect(),
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStationReportDto {
    #[schema(value_type = String, example = "found_shut")]
    pub kind: ReportKind,
    /// At most 200 characters.
    pub note: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StationReportReceipt)]
pub struct ReportReceiptDto {
    #[schema(value_type = String)]
    pub id: StationReportId,
}

impl From<ReportReceipt> for ReportReceiptDto {
    fn from(receipt: ReportReceipt) -> Self {
        Self { id: receipt.id }
    }
}
