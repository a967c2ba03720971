//! One id, one log line and one measurement per request. No query strings, no bodies, no personal
//! data.

use std::time::Instant;

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use niangjia_domain::kernel::{Random, ports::random};
use tracing::Instrument;

tokio::task_local! {
    static TRACE_ID: String;
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request being answered; empty outside one.
pub fn current_trace_id() -> String {
    TRACE_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Middleware: gives the request its id, then logs and measures it under its route template.
pub async fn observe(
    random: web::Data<dyn Random>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let trace_id =
        offered_id(&request).unwrap_or_else(|| hex::encode(random::bytes::<16>(&**random)));
    let span = tracing::info_span!("request", trace_id = %trace_id);
    TRACE_ID
        .scope(
            trace_id.clone(),
            answer(trace_id, request, next).instrument(span),
        )
        .await
}

async fn answer(
    trace_id: String,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let method = request.method().to_string();
    match next.call(request).await {
        Ok(mut response) => {
            // Known since the request was routed; before, it would be searched for once more.
            let route = response
                .request()
                .match_pattern()
                .unwrap_or_else(|| "unmatched".to_owned());
            note(&method, &route, response.status(), started);
            name(&trace_id, response.headers_mut());
            Ok(response)
        }
        // A middleware's refusal: made a response here, while the trace id is known.
        Err(error) => {
            let mut response = error.error_response();
            note(&method, "refused", response.status(), started);
            name(&trace_id, response.headers_mut());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn note(method: &str, route: &str, status: StatusCode, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(seconds);
    tracing::info!(%method, %route, status = status.as_u16(), duration_ms = seconds * 1_000.0, "answered");
}

fn name(trace_id: &str, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert(REQUEST_ID, value);
    }
}

/// A proxy's id is kept when it is short and plain.
fn offered_id(request: &ServiceRequest) -> Option<String> {
    let text = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| text.to_owned())
}
