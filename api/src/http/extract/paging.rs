//! `?limit=&cursor=`. A cursor is the last item's id in base64url: opaque to clients, harmless when
//! forged.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web::Query};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use niangjia_domain::kernel::PageRequest;
use serde::Deserialize;
use uuid::Uuid;

use crate::http::problem::Problem;

#[derive(Debug, Clone, Copy)]
pub struct Paging(pub PageRequest);

#[derive(Deserialize)]
struct Raw {
    limit: Option<String>,
    cursor: Option<String>,
}

impl Paging {
    /// The wire form of the next page's start.
    pub fn cursor(after: Uuid) -> String {
        URL_SAFE_NO_PAD.encode(after.as_bytes())
    }
}

impl FromRequest for Paging {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request).map(Self))
    }
}

fn parse(request: &HttpRequest) -> Result<PageRequest, Problem> {
    let Query(raw) = Query::<Raw>::from_query(request.query_string()).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_query",
            "查询参数有误，请返回后重试",
        )
    })?;
    let limit = match raw.limit.as_deref() {
        None => PageRequest::DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PageRequest::MAX_LIMIT).contains(limit))
            .ok_or_else(|| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "limit_invalid",
                    "每页数量应在 1 到 100 之间",
                )
            })?,
    };
    let after = raw.cursor.as_deref().map(decode).transpose()?;
    Ok(PageRequest { limit, after })
}

fn decode(cursor: &str) -> Result<Uuid, Problem> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| Uuid::from_slice(&bytes).ok())
        .ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "cursor_invalid",
                "翻页标识无效，请从第一页重新加载",
            )
        })
}
