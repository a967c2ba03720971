//! Every refusal is a problem document (RFC 9457): `type`, `title`, `status`, `detail` (Chinese,
//! says the next step), `code` (stable), `traceId`, `errors[]`. One table per context turns its
//! error enum into these; no `_` arms.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use niangjia_domain::kernel::FieldError;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::http::observe;

/// What goes back to the phone when the answer is no.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
    replayed: bool,
    extensions: Map<String, Value>,
}

/// A row of a table: status, stable code, and what to do next.
type Row = (StatusCode, &'static str, &'static str);

/// States and races.
const fn conflict(code: &'static str, detail: &'static str) -> Row {
    (StatusCode::CONFLICT, code, detail)
}

impl From<Row> for Problem {
    fn from((status, code, detail): Row) -> Self {
        Self::new(status, code, detail)
    }
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            status,
            code,
            detail,
            errors: Vec::new(),
            retry_after_s: None,
            replayed: false,
            extensions: Map::new(),
        }
    }

    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds `Retry-After`, in seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Marks a refusal that was given before.
    pub fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// Adds an extension member; never personal data.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(member.to_owned(), value.into());
        self
    }

    pub fn code(&self) -> &'static str {
        self.code
    }
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(rename = "traceId")]
    trace_id: String,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    extensions: &'a Map<String, Value>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let document = Document {
            r#type: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            trace_id: observe::current_trace_id(),
            errors: &self.errors,
            extensions: &self.extensions,
        };
        let mut response = HttpResponse::build(self.status);
        response
            .content_type("application/problem+json")
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.replayed {
            response.insert_header(("idempotency-replayed", "true"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(serde_json::to_string(&document).unwrap_or_default())
    }
}
mod audit;
mod checkups;
mod identity;
mod imports;
mod kernel;
mod membership;
mod notices;
mod outbox;
mod settlements;
mod stations;
mod tasks;
mod uploads;
mod vouchers;
mod wishes;
