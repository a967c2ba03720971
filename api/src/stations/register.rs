//! Stations as their keepers write them down; one outside of the keeper's area is refused.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, FieldError, Invalid, Place, id::StationId},
    stations::{
        NewStation, StationService,
        hours::{Opening, OpeningHours},
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::directory::{OpeningDto, StationDto, amenity};
use crate::http::{
    extract::{Caller, Paging, Strict, district},
    problem::Problem,
    reply::{self, PageView},
};

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

/// Adds a station to the caller's district.
#[utoipa::path(tag = "stations", request_body = NewStationDto, responses((status = 201, body = StationDto)), security(("bearer" = [])))]
#[post("/admin/stations")]
pub async fn add_station(
    stations: web::Data<StationService>,
    caller: Caller,
    body: Strict<NewStationDto>,
) -> Result<HttpResponse, Problem> {
    let station = stations
        .add(&caller.0, NewStation::try_from(body.0)?)
        .await?;
    let view = stations.get(station.id).await?;
    Ok(reply::created(
        location(station.id),
        Answer::fresh(StationDto::from(view)),
    ))
}

/// Stations of the caller's area.
#[utoipa::path(tag = "stations", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<StationDto>)), security(("bearer" = [])))]
#[get("/admin/stations")]
pub async fn list_admin_stations(
    stations: web::Data<StationService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = stations.list_for(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, StationDto::from)))
}

fn location(id: StationId) -> String {
    format!("/api/v1/stations/{id}")
}
