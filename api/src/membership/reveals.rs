//! Personal data in clear: for a reason, audited and limited.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::id::kind,
    membership::{MembershipService, Reveal, Revealed},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReveal)]
pub struct RevealDto {
    /// Of `name idNumber phone`.
    fields: Vec<String>,
    /// Why, for the audit trail.
    reason: String,
}

/// Only what was asked for and is there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Revealed)]
pub struct RevealedDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

impl From<Revealed> for RevealedDto {
    fn from(revealed: Revealed) -> Self {
        let Revealed {
            name,
            id_number,
            phone,
        } = revealed;
        Self {
            name,
            id_number,
            phone,
        }
    }
}

/// Shows personal data in clear, with a reason; audited and limited.
#[utoipa::path(tag = "membership", params(("id" = String, Path)), request_body = RevealDto,
    responses((status = 200, body = RevealedDto)), security(("bearer" = [])))]
#[post("/admin/persons/{id}/reveals")]
pub async fn reveal_person(
    membership: web::Data<MembershipService>,
    caller: Caller,
    id: IdPath<kind::Person>,
    body: Strict<RevealDto>,
) -> Result<HttpResponse, Problem> {
    let reveal = Reveal::parse(&body.0.fields, &body.0.reason)?;
    Ok(reply::ok(RevealedDto::from(
        membership.reveal(&caller.0, id.0, reveal).await?,
    )))
}
