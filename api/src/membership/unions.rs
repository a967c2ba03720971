//! The tree of unions, as far as it lies in the caller's area; one is founded under another.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, Invalid, id::UnionId},
    membership::{
        MembershipService, NewUnion,
        applications::application::{occupation, platform},
        ports::UnionFilter,
        unions::union::{Charter, Union, UnionKind},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Paging, Strict, district},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnionQuery {
    /// Six-digit district code; a prefecture covers its counties.
    district: Option<String>,
    /// `city county street pool grassroots`
    kind: Option<String>,
}

impl UnionQuery {
    fn filter(&self) -> Result<UnionFilter, Invalid> {
        let district = self.district.as_deref().map(district).transpose()?;
        Ok(UnionFilter {
            district,
            kind: self.kind.as_deref().map(kind).transpose()?,
        })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewUnion)]
pub struct NewUnionDto {
    parent_id: String,
    name: String,
    /// `county street pool grassroots`
    #[schema(example = "grassroots")]
    kind: String,
    #[schema(example = "370811")]
    district: String,
    /// The trade a grass-roots union gathers.
    occupation: Option<String>,
    /// The platform whose workers it gathers.
    platform: Option<String>,
}

impl TryFrom<NewUnionDto> for NewUnion {
    type Error = Invalid;

    fn try_from(dto: NewUnionDto) -> Result<Self, Invalid> {
        let parent: Result<UnionId, _> = dto.parent_id.parse();
        let unknown = |_| {
            Invalid::field(
                "parentId",
                "parent_unknown",
                "没有找到上级工会，请从您管辖的工会中选择",
            )
        };
        let charter = Charter {
            name: dto.name,
            kind: kind(&dto.kind)?,
            district: district(&dto.district)?,
            occupation: dto
                .occupation
                .as_deref()
                .map(|code| occupation("occupation", code))
                .transpose()?,
            platform: dto.platform.as_deref().map(platform).transpose()?,
        };
        Ok(Self {
            parent_id: parent.map_err(unknown)?,
            charter,
        })
    }
}

pub fn kind(code: &str) -> Result<UnionKind, Invalid> {
    UnionKind::parse(code)
        .ok_or_else(|| Invalid::field("kind", "kind_unknown", "没有这类工会，请从列表中选择"))
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Union)]
pub struct UnionDto {
    id: String,
    parent_id: Option<String>,
    name: String,
    kind: &'static str,
    district: String,
    occupation: Option<&'static str>,
    platform: Option<&'static str>,
}

impl From<Union> for UnionDto {
    fn from(union: Union) -> Self {
        Self {
            id: union.id.to_string(),
            parent_id: union.parent_id.map(|id| id.to_string()),
            name: union.name,
            kind: union.kind.code(),
            district: union.district.to_string(),
            occupation: union.occupation.map(|one| one.code()),
            platform: union.platform.map(|one| one.code()),
        }
    }
}

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
