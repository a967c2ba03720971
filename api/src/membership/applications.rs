//! Joining the union: one tap for a phone on a roster, three fields otherwise.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::membership::{MembershipService, applications::application::JoinForm};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{consents::ConsentGivenDto, memberships::MembershipDto};
use crate::http::{extract::Idempotent, problem::Problem, reply};

/// With a matching roster row only `phoneCode`, `consents` and `voluntary` are needed; otherwise
/// name, ID number and occupation too.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewMembership)]
pub struct JoinDto {
    /// From WeChat's phone-number button.
    phone_code: String,
    name: Option<String>,
    id_number: Option<String>,
    #[schema(example = "food_delivery_rider")]
    occupation: Option<String>,
    #[schema(example = "meituan")]
    platform: Option<String>,
    /// Six-digit district code; without it `location` tells, and without both the city's pool
    /// receives.
    #[schema(example = "370811")]
    work_district: Option<String>,
    location: Option<LocationDto>,
    consents: Vec<ConsentGivenDto>,
    /// "I join of my own free will."
    voluntary: bool,
}

impl From<JoinDto> for JoinForm {
    fn from(dto: JoinDto) -> Self {
        Self {
            phone_code: dto.phone_code,
            name: dto.name,
            id_number: dto.id_number,
            occupation: dto.occupation,
            platform: dto.platform,
            work_district: dto.work_district,
            location: dto.location.map(|place| (place.lng, place.lat)),
            consents: dto
                .consents
                .into_iter()
                .map(|given| (given.purpose, given.version))
                .collect(),
            voluntary: dto.voluntary,
        }
    }
}

/// GCJ-02 degrees.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Location)]
pub struct LocationDto {
    lng: f64,
    lat: f64,
}

/// Joins the union: one tap for a phone on a roster, three fields otherwise.
#[utoipa::path(tag = "membership", request_body = JoinDto, responses((status = 201, body = MembershipDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/memberships")]
pub async fn join_union(
    membership: web::Data<MembershipService>,
    write: Idempotent<JoinDto>,
) -> Result<HttpResponse, Problem> {
    let answer = membership
        .join(&write.actor, &write.request, write.body.into())
        .await?;
    Ok(reply::created(
        "/api/v1/me/membership",
        answer.map(MembershipDto::from),
    ))
}
