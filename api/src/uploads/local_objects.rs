//! The embedded object store's URLs. They take the place of OSS's own, so they are outside
//! `/api/v1`, need no sign-in (forms and URLs are signed) and are not part of the contract. Without
//! the embedded store they do not exist.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use futures_util::StreamExt;
use niangjia_domain::kernel::AccessError;
use niangjia_infra::objects::{FormFault, LocalObjects};
use serde::Deserialize;

use crate::http::problem::Problem;

/// Most fields before the file, and most bytes of each, as OSS has it.
const MAX_FIELDS: usize = 20;
const MAX_FIELD_BYTES: usize = 4_096;
/// 10 MB over a bad line.
const PATIENCE: Duration = Duration::from_secs(300);

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/local-objects/", web::post().to(receive_object))
        .route("/local-objects/{key:.+}", web::get().to(read_object));
}

#[derive(Deserialize)]
struct ReadQuery {
    expires: i64,
    signature: String,
}

async fn read_object(
    objects: Option<web::Data<LocalObjects>>,
    key: web::Path<String>,
    query: web::Query<ReadQuery>,
) -> Result<HttpResponse, Problem> {
    let objects = objects.ok_or(AccessError::NotFound)?;
    let bytes = objects
        .open_url(&key, query.expires, &query.signature)
        .await?;
    let kind = if key.ends_with(".jpg") {
        "image/jpeg"
    } else {
        "application/octet-stream"
    };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "private, max-age=600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(bytes))
}

async fn receive_object(
    request: HttpRequest,
    payload: web::Payload,
    objects: Option<web::Data<LocalObjects>>,
) -> Result<HttpResponse, Problem> {
    let objects = objects.ok_or(AccessError::NotFound)?;
    let parts = Multipart::new(request.headers(), payload);
    let too_slow = |_| FormFault::Malformed("the file came too slowly");
    tokio::time::timeout(PATIENCE, receive(&objects, parts))
        .await
        .map_err(too_slow)??;
    Ok(HttpResponse::Ok().finish())
}

/// Fields, then the file, then nothing.
async fn receive(objects: &LocalObjects, mut parts: Multipart) -> Result<(), FormFault> {
    let mut fields = Vec::new();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            return take_file(objects, &fields, part, parts).await;
        }
        if fields.len() == MAX_FIELDS {
            return Err(FormFault::Malformed("too many fields"));
        }
        fields.push((name, text(&mut part).await?));
    }
    Err(FormFault::Malformed("no file"))
}

async fn take_file(
    objects: &LocalObjects,
    fields: &[(String, String)],
    mut file: Field,
    mut parts: Multipart,
) -> Result<(), FormFault> {
    let admission = objects.admit(fields)?;
    let mut incoming = objects.receive(&admission).await?;
    while let Some(chunk) = file.next().await {
        incoming.write(&chunk.map_err(broken)?).await?;
    }
    drop(file);
    if parts.next().await.is_some() {
        return Err(FormFault::Malformed("the file is not last"));
    }
    incoming.finish().await
}

async fn text(part: &mut Field) -> Result<String, FormFault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        bytes.extend_from_slice(&chunk.map_err(broken)?);
        if bytes.len() > MAX_FIELD_BYTES {
            return Err(FormFault::Malformed("a field is too long"));
        }
    }
    String::from_utf8(bytes).map_err(|_| FormFault::Malformed("a field is not text"))
}

fn broken<E>(_: E) -> FormFault {
    FormFault::Malformed("not a complete multipart form")
}
