//! PostObject: the form that phones send.

use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;

use super::{
    answers::{OssFault, headed},
    form::{find, verify_form},
    request::WireRequest,
    server::{Shared, StoredObject},
};

pub(super) async fn post_object(
    http: &HttpRequest,
    payload: Payload,
    request: &WireRequest,
    shared: &Shared,
) -> Result<HttpResponse, OssFault> {
    let (fields, bytes, kind) = read_form(http, payload).await?;
    verify_form(
        &fields,
        &request.bucket,
        bytes.len(),
        &shared.account,
        shared.now(),
    )?;
    if request.bucket != shared.bucket {
        return Err(OssFault::new(
            404,
            "NoSuchBucket",
            "The specified bucket does not exist.",
        ));
    }
    let key = find(&fields, "key")
        .ok_or_else(|| OssFault::invalid("Bucket POST must contain the field 'key'."))?;
    let content_type = find(&fields, "x-oss-content-type")
        .map(str::to_owned)
        .or(kind);
    let object = StoredObject {
        bytes,
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        modified: shared.now(),
    };
    let etag = object.etag();
    shared.store(key, object, find(&fields, "x-oss-forbid-overwrite"))?;
    let status = match find(&fields, "success_action_status") {
        Some("200") => StatusCode::OK,
        Some("201") => StatusCode::CREATED,
        _ => StatusCode::NO_CONTENT,
    };
    Ok(headed(status).insert_header(("etag", etag)).finish())
}

fn malformed() -> OssFault {
    OssFault::new(
        400,
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed.",
    )
}

/// Text fields, the file behind them, and the type it says it has.
type Form = (Vec<(String, String)>, Bytes, Option<String>);

async fn read_form(http: &HttpRequest, payload: Payload) -> Result<Form, OssFault> {
    let mut parts = Multipart::from_request(http, &mut payload.into_inner())
        .await
        .map_err(|_| malformed())?;
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| malformed())?;
        let name = part.name().unwrap_or_default().to_owned();
        let kind = part.content_type().map(ToString::to_string);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = part.next().await {
            bytes.extend_from_slice(&chunk.map_err(|_| malformed())?);
        }
        match (name.as_str(), &file) {
            ("file", Some(_)) => {
                let message = "Only one file can be uploaded at a time.";
                return Err(OssFault::new(
                    400,
                    "IncorrectNumberOfFilesInPOSTRequest",
                    message,
                ));
            }
            (_, Some(_)) => return Err(malformed()),
            ("file", None) => file = Some((bytes.freeze(), kind)),
            _ => fields.push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    let (bytes, kind) = file.ok_or_else(malformed)?;
    Ok((fields, bytes, kind))
}
