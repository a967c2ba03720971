//! The calls: PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2; forms go to PostObject.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, BytesMut, Data, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::StreamExt;
use md5::{Digest, Md5};

use super::{
    answers::{OssFault, headed},
    faults::Mishap,
    listing::list_v2,
    post_object::post_object,
    request::{WireRequest, decode, decode_query},
    server::{Shared, StoredObject},
    verify::verify,
};

/// Every request goes through here.
pub(super) async fn serve(
    http: HttpRequest,
    payload: Payload,
    shared: Data<Shared>,
) -> HttpResponse {
    let mishap = shared.next_mishap();
    match &mishap {
        Some(Mishap::Refuse(status)) => return Mishap::refusal(*status),
        Some(Mishap::Slow(delay)) => actix_web::rt::time::sleep(*delay).await,
        Some(Mishap::CutBody | Mishap::LoseAnswer(_)) | None => {}
    }
    let request = wire_request(&http);
    let outcome = if is_form(&http, &request) {
        post_object(&http, payload, &request, &shared).await
    } else {
        object_call(payload, &request, &shared).await
    };
    let answer = outcome.unwrap_or_else(|fault| fault.answer());
    match mishap {
        Some(Mishap::CutBody) => Mishap::cut(
            actix_web::body::to_bytes(answer.into_body())
                .await
                .unwrap_or_default(),
        ),
        Some(Mishap::LoseAnswer(status)) => Mishap::refusal(status),
        Some(Mishap::Refuse(_) | Mishap::Slow(_)) | None => answer,
    }
}

/// Path-style at an IP address, bucket in the host elsewhere.
fn wire_request(http: &HttpRequest) -> WireRequest {
    let host = http.connection_info().host().to_owned();
    let name = host
        .rsplit_once(':')
        .map_or(host.as_str(), |(name, _)| name);
    let path = decode(http.path().trim_start_matches('/'));
    let (bucket, key) = if name.parse::<std::net::IpAddr>().is_ok() {
        path.split_once('/')
            .map_or((path.clone(), String::new()), |(bucket, key)| {
                (bucket.to_owned(), key.to_owned())
            })
    } else {
        (name.split('.').next().unwrap_or_default().to_owned(), path)
    };
    let headers = http.headers().iter();
    WireRequest {
        method: http.method().to_string(),
        bucket,
        key,
        query: decode_query(http.query_string()),
        headers: headers
            .map(|(k, v)| {
                (
                    k.to_string(),
                    String::from_utf8_lossy(v.as_bytes()).into_owned(),
                )
            })
            .collect(),
    }
}

fn is_form(http: &HttpRequest, request: &WireRequest) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    http.method() == "POST" && request.key.is_empty() && kind.starts_with("multipart/form-data")
}

async fn object_call(
    mut payload: Payload,
    request: &WireRequest,
    shared: &Shared,
) -> Result<HttpResponse, OssFault> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let broken = |_| OssFault::new(400, "RequestTimeout", "The body was not read to its end.");
        body.extend_from_slice(&chunk.map_err(broken)?);
    }
    verify(request, &shared.account, shared.now())?;
    if request.bucket != shared.bucket {
        return Err(OssFault::new(
            404,
            "NoSuchBucket",
            "The specified bucket does not exist.",
        ));
    }
    match (request.method.as_str(), request.key.as_str()) {
        ("GET", "") => {
            let listing = list_v2(request, &shared.objects.lock().expect("objects"));
            Ok(headed(StatusCode::OK)
                .content_type("application/xml")
                .body(listing))
        }
        ("PUT", _) => put(request, body.freeze(), shared),
        ("GET", key) => get(shared, key, true),
        ("HEAD", key) => get(shared, key, false),
        ("DELETE", key) => {
            shared.objects.lock().expect("objects").remove(key);
            Ok(headed(StatusCode::NO_CONTENT).finish())
        }
        _ => Err(OssFault::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed.",
        )),
    }
}

fn put(request: &WireRequest, body: Bytes, shared: &Shared) -> Result<HttpResponse, OssFault> {
    if request.key.len() > 1_023 || request.key.starts_with(['/', '\\']) || request.key.is_empty() {
        return Err(OssFault::new(
            400,
            "InvalidObjectName",
            "The specified object is not valid.",
        ));
    }
    let digest = STANDARD.encode(Md5::digest(&body));
    if request
        .header("content-md5")
        .is_some_and(|sent| sent != digest)
    {
        return Err(OssFault::new(
            400,
            "InvalidDigest",
            "The Content-MD5 you specified is not valid.",
        ));
    }
    if request.header("content-length").is_none() && request.header("transfer-encoding").is_none() {
        return Err(OssFault::new(
            411,
            "MissingContentLength",
            "You must provide the Content-Length header.",
        ));
    }
    let kind = request
        .header("content-type")
        .unwrap_or("application/octet-stream");
    let object = StoredObject {
        bytes: body,
        content_type: kind.to_owned(),
        modified: shared.now(),
    };
    let etag = object.etag();
    shared.store(
        &request.key,
        object,
        request.header("x-oss-forbid-overwrite"),
    )?;
    Ok(headed(StatusCode::OK)
        .insert_header(("etag", etag))
        .finish())
}

fn get(shared: &Shared, key: &str, with_body: bool) -> Result<HttpResponse, OssFault> {
    let found = shared.objects.lock().expect("objects").get(key).cloned();
    let missing = || OssFault::new(404, "NoSuchKey", "The specified key does not exist.");
    let Some(object) = found else {
        // Errors of HEAD have no body; the XML may come in a header.
        return if with_body {
            Err(missing())
        } else {
            Ok(headed(StatusCode::NOT_FOUND).finish())
        };
    };
    let mut answer = headed(StatusCode::OK);
    answer
        .content_type(object.content_type.as_str())
        .insert_header(("etag", object.etag()))
        .insert_header((
            "last-modified",
            object
                .modified
                .format("%a, %d %b %Y %H:%M:%S GMT")
                .to_string(),
        ));
    if with_body {
        return Ok(answer.body(object.bytes));
    }
    Ok(answer
        .no_chunking(object.bytes.len() as u64)
        .body(actix_web::body::SizedStream::new(
            object.bytes.len() as u64,
            futures_util::stream::empty::<Result<Bytes, std::io::Error>>(),
        )))
}
