//! What somebody was told: reading it, and marking it as read.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    notices::{Notice, NoticeService},
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
#[schema(as = Notice)]
pub struct NoticeDto {
    id: String,
    /// What kind of news.
    #[schema(example = "checkup_booked")]
    topic: String,
    title: String,
    body: String,
    /// Id of what it is about.
    subject: Option<String>,
    created_at: String,
    /// `null` until read.
    read_at: Option<String>,
}

impl From<Notice> for NoticeDto {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id.to_string(),
            topic: notice.topic,
            title: notice.title,
            body: notice.body,
            subject: notice.subject,
            created_at: rfc3339(notice.created_at),
            read_at: notice.read_at.map(rfc3339),
        }
    }
}

/// The caller's notices, newest first.
#[utoipa::path(tag = "notices", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<NoticeDto>)), security(("bearer" = [])))]
#[get("/me/inbox")]
pub async fn list_notices(
    notices: web::Data<NoticeService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = notices.inbox(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, NoticeDto::from)))
}

/// Marks a notice as read; reading it again keeps the first time.
#[utoipa::path(tag = "notices", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = NoticeDto)), security(("bearer" = [])))]
#[post("/me/inbox/{id}/read")]
pub async fn read_notice(
    notices: web::Data<NoticeService>,
    caller: Caller,
    id: IdPath<kind::Notice>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    let notice = notices.read(&caller.0, id.0).await?;
    Ok(reply::ok(NoticeDto::from(notice)))
}
