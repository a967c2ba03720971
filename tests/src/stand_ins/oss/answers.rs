//! Errors as OSS words them.

use actix_web::{HttpResponse, http::StatusCode};

/// An error answer: status, code, and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OssFault {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// OSS's finer code, where one is documented.
    pub ec: &'static str,
    /// Told on a signature mismatch, as OSS does.
    pub string_to_sign: Option<String>,
}

impl OssFault {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            ec: "",
            string_to_sign: None,
        }
    }

    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    pub fn mismatch(string_to_sign: &str) -> Self {
        let message =
            "The request signature we calculated does not match the signature you provided.";
        Self {
            string_to_sign: Some(string_to_sign.to_owned()),
            ..Self::new(403, "SignatureDoesNotMatch", message)
        }
    }

    pub fn with_ec(self, ec: &'static str) -> Self {
        Self { ec, ..self }
    }

    pub(super) fn answer(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).expect("a status");
        let signed = self
            .string_to_sign
            .as_deref()
            .map_or(String::new(), |text| {
                format!("<StringToSign>{}</StringToSign>", escape(text))
            });
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
             <RequestId>{REQUEST_ID}</RequestId><HostId>stand-in</HostId>{signed}<EC>{}</EC></Error>",
            self.code,
            escape(&self.message),
            self.ec
        );
        headed(status).content_type("application/xml").body(body)
    }
}

const REQUEST_ID: &str = "5C3D9175B6FC201293AD0001";

/// An answer with the headers that every answer of OSS has.
pub(super) fn headed(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header(("x-oss-request-id", REQUEST_ID))
        .insert_header(("server", "AliyunOSS"));
    response
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
