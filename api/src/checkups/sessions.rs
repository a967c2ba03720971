//! Where the van stops: public.

use actix_web::{HttpRequest, HttpResponse, get, web};
use niangjia_domain::{checkups::CheckupService, kernel::id::kind};

use super::{query::SessionQuery, session_dto::SessionDto};
use crate::http::{
    extract::{IdPath, Paging},
    problem::Problem,
    reply::{self, PageView},
};

/// Sessions from today on, soonest first; nearest first when `near` is given.
#[utoipa::path(tag = "checkups", params(SessionQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SessionDto>)))]
#[get("/checkup-sessions")]
pub async fn list_checkup_sessions(
    request: HttpRequest,
    checkups: web::Data<CheckupService>,
    query: web::Query<SessionQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = checkups.sessions(&query.wanted()?, page.0).await?;
    reply::cached(&request, &PageView::of(page, SessionDto::from))
}

/// One session with its slots.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), responses((status = 200, body = SessionDto)))]
#[get("/checkup-sessions/{id}")]
pub async fn get_checkup_session(
    request: HttpRequest,
    checkups: web::Data<CheckupService>,
    id: IdPath<kind::CheckupSession>,
) -> Result<HttpResponse, Problem> {
    let session = checkups.session(id.0).await?;
    reply::cached(&request, &SessionDto::from(session))
}
