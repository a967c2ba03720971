//! Wishes as everybody sees them. Strangers get [`WishDto`] and thanks, nothing more; it has no
//! field for a name, phone or address.

use actix_web::{HttpRequest, HttpResponse, get, web};
use niangjia_domain::{
    kernel::{
        Invalid,
        id::{StationId, WishId, kind},
        values::{local_time::rfc3339, text},
    },
    wishes::{
        Shown, WishService,
        ports::WallFilter,
        wall::views::{PhotoView, PublicWish, StationCard, WishCard},
        wish::status::WishStatus,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{own::OwnWishDto, status, thanks::ThanksDto};
use crate::http::{
    extract::{IdPath, MaybeCaller, Paging, district},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WallQuery {
    /// Six-digit district code; a prefecture covers its counties.
    district: Option<String>,
    category: Option<String>,
    /// A public status; `published` when absent.
    status: Option<String>,
}

impl WallQuery {
    fn filter(&self) -> Result<WallFilter, Invalid> {
        Ok(WallFilter {
            district: self.district.as_deref().map(district).transpose()?,
            category: self
                .category
                .as_deref()
                .map(|category| text::line("category", category, 1, 20))
                .transpose()?,
            status: self
                .status
                .as_deref()
                .map_or(Ok(WishStatus::Published), status)?,
        })
    }
}

/// A wish as everybody sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Wish)]
pub struct WishDto {
    #[schema(value_type = String, example = "wish_01jd3v7c9vf8ys2v4t0y3z5q7r")]
    id: WishId,
    title: String,
    story: String,
    category: String,
    estimate_fen: i64,
    station: WishStationDto,
    #[schema(value_type = String, example = "published")]
    status: WishStatus,
    published_at: Option<String>,
    photos: Vec<WishPhotoDto>,
}

impl From<WishCard> for WishDto {
    fn from(card: WishCard) -> Self {
        Self {
            id: card.id,
            title: card.title,
            story: card.story,
            category: card.category,
            estimate_fen: card.estimate.get(),
            station: card.station.into(),
            status: card.status,
            published_at: card.published_at.map(rfc3339),
            photos: photos(card.photos),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WishStationDto {
    #[schema(value_type = String)]
    id: StationId,
    name: String,
    district: String,
}

impl From<StationCard> for WishStationDto {
    fn from(station: StationCard) -> Self {
        Self {
            id: station.id,
            name: station.name,
            district: station.district.to_string(),
        }
    }
}

/// Short-lived URLs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WishPhotoDto {
    url: String,
    thumbnail_url: String,
}

pub fn photos(photos: Vec<PhotoView>) -> Vec<WishPhotoDto> {
    photos
        .into_iter()
        .map(|photo| WishPhotoDto {
            url: photo.url,
            thumbnail_url: photo.thumbnail_url,
        })
        .collect()
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicWishDto {
    #[serde(flatten)]
    wish: WishDto,
    thanks: Option<ThanksDto>,
}

impl From<PublicWish> for PublicWishDto {
    fn from(view: PublicWish) -> Self {
        Self {
            wish: view.card.into(),
            thanks: view.thanks.map(ThanksDto::from),
        }
    }
}

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
