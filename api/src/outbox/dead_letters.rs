//! Messages that were set aside. Neither what they say nor to whom is shown.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    outbox::{DeadLetter, DeadLetterService},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Empty, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeadLetter)]
pub struct DeadLetterDto {
    id: String,
    /// Which way it was to be delivered.
    #[schema(example = "inbox")]
    kind: String,
    /// What kind of news it is.
    #[schema(example = "voucher_issued")]
    template: String,
    /// Why the last try failed.
    reason: String,
    /// Failed tries.
    attempts: u32,
    /// When what it reports happened.
    created_at: String,
    /// When it was set aside.
    since: String,
}

impl From<DeadLetter> for DeadLetterDto {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id.to_string(),
            kind: letter.kind,
            template: letter.template,
            reason: letter.reason,
            attempts: letter.attempts,
            created_at: rfc3339(letter.created_at),
            since: rfc3339(letter.since),
        }
    }
}

/// Messages that were set aside, newest first.
#[utoipa::path(tag = "outbox", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<DeadLetterDto>)), security(("bearer" = [])))]
#[get("/admin/dead-letters")]
pub async fn list_dead_letters(
    letters: web::Data<DeadLetterService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = letters.list(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, DeadLetterDto::from)))
}

/// Sends a message again, with all its tries before it.
#[utoipa::path(tag = "outbox", params(("id" = String, Path)), request_body = Empty,
    responses((status = 204)), security(("bearer" = [])))]
#[post("/admin/dead-letters/{id}/retry")]
pub async fn retry_dead_letter(
    letters: web::Data<DeadLetterService>,
    caller: Caller,
    id: IdPath<kind::OutboxEvent>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    letters.retry(&caller.0, id.0).await?;
    Ok(reply::no_content())
}
