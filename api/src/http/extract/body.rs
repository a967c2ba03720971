//! JSON bodies: at most 64 KiB, `application/json`, no unknown fields. Refusals name fields, never
//! values.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::BytesMut,
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use niangjia_domain::kernel::{FieldError, Invalid};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::http::problem::Problem;

/// Most bytes of a JSON body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A JSON body that matches its DTO exactly (DTOs carry `deny_unknown_fields`).
#[derive(Debug)]
pub struct Strict<T>(pub T);

/// The body of a POST that says everything in its path.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl<T: DeserializeOwned + 'static> FromRequest for Strict<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = read(&request, payload).await?;
            parse(&bytes).map(Self)
        })
    }
}

/// Reads a body within the limit, whatever length it claims.
pub(crate) async fn read(request: &HttpRequest, mut payload: Payload) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| malformed())?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    // A body-less POST needs no type.
    if !body.is_empty() && !is_json(request) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "请以 application/json 格式提交内容",
        ));
    }
    Ok(body)
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(refusal)?;
    deserializer.end().map_err(|_| malformed())?;
    Ok(value)
}

fn is_json(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        })
}

fn refusal(error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return malformed();
    }
    let (path, message) = (error.path().to_string(), error.inner().to_string());
    let (code, detail) = if message.starts_with("unknown field") {
        ("unknown_field", "不支持该字段，请删除后重新提交")
    } else if message.starts_with("missing field") {
        ("missing_field", "缺少必填内容，请补充后重新提交")
    } else if message.starts_with("duplicate field") {
        ("duplicate_field", "同一字段出现多次，请只保留一个")
    } else {
        ("wrong_type", "格式不正确，请按要求重新填写")
    };
    // What these two name is not on the path.
    let beside = matches!(code, "missing_field" | "duplicate_field");
    let field = named_field(&message)
        .filter(|_| beside)
        .map_or(path.clone(), |name| join(&path, name));
    let field = if may_be_personal(&field) {
        String::new()
    } else {
        field
    };
    Invalid {
        errors: vec![FieldError {
            field,
            code,
            detail: detail.to_owned(),
        }],
    }
    .into()
}

/// The name our own DTO expected, from serde's "missing field `name`" and "duplicate field `name`".
fn named_field(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

/// A name with many digits may be somebody's number in the wrong place; it is not sent back.
fn may_be_personal(field: &str) -> bool {
    field.bytes().filter(u8::is_ascii_digit).count() > 5
}

fn join(path: &str, name: &str) -> String {
    if path == "." {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn malformed() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed_json",
        "提交的内容不是完整的 JSON，请检查网络后重新提交",
    )
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "提交的内容过大，请精简到 64 KB 以内",
    )
}
