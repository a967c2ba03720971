//! Misbehaviour on demand, for the next requests in order.

use std::time::Duration;

use actix_web::{HttpResponse, body::SizedStream, http::StatusCode, web::Bytes};
use futures_util::stream;

use super::answers::OssFault;

#[derive(Debug, Clone)]
pub enum Mishap {
    /// This status instead of an answer, after the work has *not* been done.
    Refuse(u16),
    /// Nothing for this long, then the right answer.
    Slow(Duration),
    /// The work is done, but the body breaks off half-way.
    CutBody,
    /// The work is done, but the answer is this status.
    LoseAnswer(u16),
}

impl Mishap {
    pub(super) fn refusal(status: u16) -> HttpResponse {
        OssFault::new(
            status,
            "InternalError",
            "We encountered an internal error. Please try again.",
        )
        .answer()
    }

    /// Promises twice what it sends.
    pub(super) fn cut(body: Bytes) -> HttpResponse {
        let promised = body.len().max(1) as u64 * 2;
        let broken = std::io::Error::other("cut");
        let parts = stream::iter([Ok::<_, std::io::Error>(body), Err(broken)]);
        HttpResponse::build(StatusCode::OK).body(SizedStream::new(promised, parts))
    }
}
