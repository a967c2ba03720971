//! For everybody: the wall, one wish, a report.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind},
    wishes::{Shown, WishService},
};

use super::{
    request::{NewWishReportDto, WallQuery},
    wish_view::{OwnWishDto, PublicWishDto, WishDto, WishReportDto},
};
use crate::http::{
    extract::{Caller, IdPath, MaybeCaller, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// The public wall, newest first.
#[utoipa::path(tag = "wishes", params(WallQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<WishDto>)))]
#[get("/wishes")]
pub async fn list_wishes(
    request: HttpRequest,
    wishes: web::Data<WishService>,
    query: web::Query<WallQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes.wall(&query.filter()?, page.0).await?;
    reply::cached(&request, &PageView::of(page, WishDto::from))
}

/// One public wish; its worker, signed in, sees more (as in `GET /me/wishes`), also before it is
/// public.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), responses((status = 200, body = PublicWishDto)))]
#[get("/wishes/{id}")]
pub async fn get_wish(
    request: HttpRequest,
    wishes: web::Data<WishService>,
    caller: MaybeCaller,
    id: IdPath<kind::Wish>,
) -> Result<HttpResponse, Problem> {
    match wishes.show(caller.0.as_ref(), id.0).await? {
        Shown::Own(wish) => Ok(reply::ok(OwnWishDto::from(*wish))),
        Shown::Public(wish) => reply::cached(&request, &PublicWishDto::from(*wish)),
    }
}

/// Tells the cadres that something is wrong with a public wish.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = NewWishReportDto,
    responses((status = 201, body = WishReportDto)), security(("bearer" = [])))]
#[post("/wishes/{id}/reports")]
pub async fn report_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    body: Strict<NewWishReportDto>,
) -> Result<HttpResponse, Problem> {
    let report = WishReportDto::from(wishes.report(&caller.0, id.0, &body.0.reason).await?);
    Ok(reply::created(
        format!("/api/v1/wishes/{}/reports/{}", id.0, report.id),
        Answer::fresh(report),
    ))
}
