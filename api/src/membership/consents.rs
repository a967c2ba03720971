//! What a member agreed to, text and version; each can be withdrawn alone.

use actix_web::{HttpResponse, delete, post, web};
use niangjia_domain::{
    kernel::{Answer, values::local_time},
    membership::{ConsentView, MembershipService},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Strict},
    problem::Problem,
    reply,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConsentGiven)]
pub struct ConsentGivenDto {
    #[schema(example = "membership")]
    pub purpose: String,
    #[schema(example = "1")]
    pub version: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consent)]
pub struct ConsentDto {
    purpose: &'static str,
    version: String,
    given_at: String,
}

impl From<ConsentView> for ConsentDto {
    fn from(view: ConsentView) -> Self {
        Self {
            purpose: view.purpose.code(),
            version: view.version,
            given_at: local_time::rfc3339(view.given_at),
        }
    }
}

/// Agrees to the text in force.
#[utoipa::path(tag = "membership", request_body = ConsentGivenDto, responses((status = 201, body = ConsentDto)),
    security(("bearer" = [])))]
#[post("/me/consents")]
pub async fn give_consent(
    membership: web::Data<MembershipService>,
    caller: Caller,
    body: Strict<ConsentGivenDto>,
) -> Result<HttpResponse, Problem> {
    let given = ConsentDto::from(
        membership
            .give_consent(&caller.0, &body.0.purpose, &body.0.version)
            .await?,
    );
    Ok(reply::created(
        format!("/api/v1/me/consents/{}", given.purpose),
        Answer::fresh(given),
    ))
}

/// Takes a consent back; what rests on it stops.
#[utoipa::path(tag = "membership", params(("purpose" = String, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 409, description = "A live membership needs it")))]
#[delete("/me/consents/{purpose}")]
pub async fn withdraw_consent(
    membership: web::Data<MembershipService>,
    caller: Caller,
    purpose: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    membership.withdraw_consent(&caller.0, &purpose).await?;
    Ok(reply::no_content())
}
