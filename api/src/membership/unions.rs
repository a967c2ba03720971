//! The tree of unions, for the back office.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::Answer,
    membership::{MembershipService, NewUnion},
};

use super::unions_dto::{NewUnionDto, UnionDto, UnionQuery};
use crate::http::{
    extract::{Caller, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Unions of the caller's area.
#[utoipa::path(tag = "membership", responses((status = 200, body = PageView<UnionDto>)), security(("bearer" = [])),
    params(UnionQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)))]
#[get("/admin/unions")]
pub async fn list_unions(
    membership: web::Data<MembershipService>,
    caller: Caller,
    query: web::Query<UnionQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = membership
        .unions(&caller.0, query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, UnionDto::from)))
}

/// Founds a union under one of the caller's area.
#[utoipa::path(tag = "membership", request_body = NewUnionDto, responses((status = 201, body = UnionDto)),
    security(("bearer" = [])))]
#[post("/admin/unions")]
pub async fn found_union(
    membership: web::Data<MembershipService>,
    caller: Caller,
    body: Strict<NewUnionDto>,
) -> Result<HttpResponse, Problem> {
    let union = UnionDto::from(
        membership
            .found_union(&caller.0, NewUnion::try_from(body.0)?)
            .await?,
    );
    Ok(reply::created(
        format!("/api/v1/admin/unions/{}", union.id),
        Answer::fresh(union),
    ))
}
