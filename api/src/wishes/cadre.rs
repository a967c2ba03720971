//! For cadres.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::id::kind,
    wishes::{WishDecision, WishService},
};

use super::{
    request::{QueueQuery, WishDecisionDto},
    wish_view::{QueueWishDto, WishReceiptDto},
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Wishes of the caller's area, with due times and reports.
#[utoipa::path(tag = "wishes", params(QueueQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<QueueWishDto>)), security(("bearer" = [])))]
#[get("/admin/wishes")]
pub async fn list_admin_wishes(
    wishes: web::Data<WishService>,
    caller: Caller,
    query: web::Query<QueueQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes
        .list_queue(&caller.0, &query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, QueueWishDto::from)))
}

/// Publishes a reviewed wish, sends it back for correction, or rejects it.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = WishDecisionDto,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])))]
#[post("/admin/wishes/{id}/decisions")]
pub async fn decide_on_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    body: Strict<WishDecisionDto>,
) -> Result<HttpResponse, Problem> {
    let decision = WishDecision::parse(&body.0.decision, body.0.reason.as_deref())?;
    Ok(reply::ok(WishReceiptDto::from(
        wishes
            .decide(&caller.0, id.0, decision, body.0.revision)
            .await?,
    )))
}
