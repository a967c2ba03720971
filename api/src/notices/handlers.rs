//! One handler an operation; its name is the operation id.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{kernel::id::kind, notices::NoticeService};

use super::dto::NoticeDto;
use crate::http::{
    extract::{Caller, Empty, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

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
