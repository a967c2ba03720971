//! Answers that go well: status, headers and JSON in one place.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use niangjia_domain::kernel::{Answer, Page};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::http::{extract::Paging, problem::Problem};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageView<T> {
    pub items: Vec<T>,
    /// Send back as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> PageView<T> {
    pub fn of<S>(page: Page<S>, convert: impl Fn(S) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(convert).collect(),
            next_cursor: page.next.map(Paging::cursor),
        }
    }
}

/// 200 with personal data: not to be stored by anybody.
pub fn ok(body: impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// 201 with `Location`; marks an answer that was given before.
pub fn created<T: Serialize>(location: impl AsRef<str>, answer: Answer<T>) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response
        .insert_header((header::LOCATION, location.as_ref()))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    mark_replay(&mut response, answer.replayed);
    response.json(answer.value)
}

/// 200 for a repeated request that creates nothing.
pub fn done<T: Serialize>(answer: Answer<T>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    mark_replay(&mut response, answer.replayed);
    response.json(answer.value)
}

fn mark_replay(response: &mut actix_web::HttpResponseBuilder, replayed: bool) {
    if replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
}

/// 202: it goes on in the background.
pub fn accepted(body: impl Serialize) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

/// A public read with an `ETag`; 304 when the phone has it already.
pub fn cached(request: &HttpRequest, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    let bytes = serde_json::to_vec(body).map_err(|_| Problem::internal())?;
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..16]));
    let mut response = if knows(request, &tag) {
        HttpResponse::build(StatusCode::NOT_MODIFIED)
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=0, must-revalidate"));
    if knows(request, &tag) {
        return Ok(response.finish());
    }
    Ok(response.content_type("application/json").body(bytes))
}

fn knows(request: &HttpRequest, tag: &str) -> bool {
    request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| {
            known
                .split(',')
                .any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
        })
}
