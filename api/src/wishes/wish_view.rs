//! Wishes as they go out. Strangers get [`WishDto`] and thanks, nothing more; it has no field for a
//! name, phone or address.

use niangjia_domain::{
    kernel::{
        id::{StationId, WishId, WishReportId},
        values::local_time::rfc3339,
    },
    wishes::{
        WishReceipt,
        moderation::{text_check::Verdict, wish_report::WishReport},
        wall::views::{
            OwnWish, PhotoView, PublicWish, QueueWish, StationCard, ThanksView, WishCard,
        },
        wish::status::WishStatus,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::claim_view::DonorDto;

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

#[derive(Debug, Serialize, ToSchema)]
pub struct WishStationDto {
    #[schema(value_type = String)]
    id: StationId,
    name: String,
    district: String,
}

/// Short-lived URLs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WishPhotoDto {
    url: String,
    thumbnail_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ThanksDto {
    /// `null` until the words have passed their check.
    message: Option<String>,
    photos: Vec<WishPhotoDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicWishDto {
    #[serde(flatten)]
    wish: WishDto,
    thanks: Option<ThanksDto>,
}

/// A wish as its worker sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnWishDto {
    #[serde(flatten)]
    wish: WishDto,
    submitted_at: String,
    review_due_at: Option<String>,
    /// Why it came back.
    reason: Option<String>,
    claim: Option<DonorDto>,
    /// Only while the parcel waits at the station.
    pickup_code: Option<String>,
    thanks: Option<ThanksDto>,
}

/// A wish as the cadres of its district see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueWishDto {
    #[serde(flatten)]
    wish: WishDto,
    /// To be named by a decision.
    revision: i64,
    submitted_at: String,
    due_at: Option<String>,
    machine: Option<MachineDto>,
    reason: Option<String>,
    /// How many people have reported it.
    reports: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MachineDto {
    #[schema(value_type = String, example = "pass")]
    verdict: Verdict,
    label: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WishReceiptDto {
    #[schema(value_type = String)]
    pub id: WishId,
    #[schema(value_type = String)]
    status: WishStatus,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WishReportDto {
    #[schema(value_type = String)]
    pub id: WishReportId,
    #[schema(value_type = String)]
    wish_id: WishId,
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

impl From<StationCard> for WishStationDto {
    fn from(station: StationCard) -> Self {
        Self {
            id: station.id,
            name: station.name,
            district: station.district.to_string(),
        }
    }
}

fn photos(photos: Vec<PhotoView>) -> Vec<WishPhotoDto> {
    photos
        .into_iter()
        .map(|photo| WishPhotoDto {
            url: photo.url,
            thumbnail_url: photo.thumbnail_url,
        })
        .collect()
}

impl From<ThanksView> for ThanksDto {
    fn from(thanks: ThanksView) -> Self {
        Self {
            message: thanks.message,
            photos: photos(thanks.photos),
        }
    }
}

impl From<PublicWish> for PublicWishDto {
    fn from(view: PublicWish) -> Self {
        Self {
            wish: view.card.into(),
            thanks: view.thanks.map(ThanksDto::from),
        }
    }
}

impl From<OwnWish> for OwnWishDto {
    fn from(view: OwnWish) -> Self {
        Self {
            wish: view.card.into(),
            submitted_at: rfc3339(view.submitted_at),
            review_due_at: view.review_due_at.map(rfc3339),
            reason: view.reason,
            claim: view.claim.map(DonorDto::from),
            pickup_code: view.pickup_code.map(|code| code.expose().to_owned()),
            thanks: view.thanks.map(ThanksDto::from),
        }
    }
}

impl From<QueueWish> for QueueWishDto {
    fn from(view: QueueWish) -> Self {
        Self {
            wish: view.card.into(),
            revision: view.revision,
            submitted_at: rfc3339(view.submitted_at),
            due_at: view.review_due_at.map(rfc3339),
            machine: view.machine.map(|machine| MachineDto {
                verdict: machine.verdict,
                label: machine.label,
            }),
            reason: view.reason,
            reports: view.reports,
        }
    }
}

impl From<WishReceipt> for WishReceiptDto {
    fn from(receipt: WishReceipt) -> Self {
        Self {
            id: receipt.id,
            status: receipt.status,
        }
    }
}

impl From<WishReport> for WishReportDto {
    fn from(report: WishReport) -> Self {
        Self {
            id: report.id,
            wish_id: report.wish_id,
        }
    }
}
