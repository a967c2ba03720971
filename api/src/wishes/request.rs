//! What comes in.

use niangjia_domain::{
    kernel::{
        Invalid,
        id::{StationId, UploadId},
        values::text,
    },
    wishes::{
        ClaimForm, ThanksForm, WishForm,
        ports::{QueueFilter, WallFilter},
        wish::status::WishStatus,
    },
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::extract::{district, instant};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWishDto {
    /// 1 to 40 characters.
    #[schema(example = "想要一个保温杯")]
    title: String,
    /// 1 to 1,000 characters, without phone or ID numbers.
    story: String,
    /// 1 to 20 characters.
    #[schema(example = "daily_goods")]
    category: String,
    /// 1 to 30000.
    estimate_fen: i64,
    /// At most six, uploaded by the caller and ready.
    #[schema(value_type = Vec<String>)]
    photo_ids: Vec<UploadId>,
    #[schema(value_type = String)]
    station_id: StationId,
}

impl From<NewWishDto> for WishForm {
    fn from(dto: NewWishDto) -> Self {
        Self {
            title: dto.title,
            story: dto.story,
            category: dto.category,
            estimate_fen: dto.estimate_fen,
            photo_ids: dto.photo_ids,
            station_id: dto.station_id,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewThanksDto {
    /// 1 to 500 characters.
    message: String,
    #[schema(value_type = Vec<String>)]
    photo_ids: Vec<UploadId>,
    /// Photos are shown to others only with this consent.
    face_consent: Option<bool>,
}

impl From<NewThanksDto> for ThanksForm {
    fn from(dto: NewThanksDto) -> Self {
        Self {
            message: dto.message,
            photo_ids: dto.photo_ids,
            face_consent: dto.face_consent.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewClaimDto {
    anonymous: Option<bool>,
    /// Shown to the worker, at most 20 characters.
    display_name: Option<String>,
}

impl From<NewClaimDto> for ClaimForm {
    fn from(dto: NewClaimDto) -> Self {
        Self {
            anonymous: dto.anonymous.unwrap_or_default(),
            display_name: dto.display_name,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DispatchDto {
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationDto {
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandoverDto {
    /// Six digits.
    #[schema(example = "204761")]
    pub pickup_code: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWishReportDto {
    /// 1 to 200 characters.
    pub reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishDecisionDto {
    /// `publish`, `return` or `reject`.
    #[schema(example = "publish")]
    pub decision: String,
    /// Of the wish, as the decider saw it.
    pub revision: i64,
    /// Needed for `return` and `reject`.
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WallQuery {
    /// Six-digit district code; a prefecture covers its counties.
    district: Option<String>,
    category: Option<String>,
    /// A public status; `published` when absent.
    status: Option<String>,
}

impl WallQuery {
    pub fn filter(&self) -> Result<WallFilter, Invalid> {
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

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    status: Option<String>,
    /// RFC 3339: reviews due before this instant.
    due_before: Option<String>,
}

impl QueueQuery {
    pub fn filter(&self) -> Result<QueueFilter, Invalid> {
        let due_before = self.due_before.as_deref();
        let due_before = due_before.map(|text| instant("dueBefore", text));
        Ok(QueueFilter {
            status: self.status.as_deref().map(status).transpose()?,
            due_before: due_before.transpose()?,
        })
    }
}

fn status(text: &str) -> Result<WishStatus, Invalid> {
    WishStatus::parse(text).ok_or_else(|| {
        Invalid::field(
            "status",
            "status_unknown",
            "没有这种心愿状态，请从列表中选择",
        )
    })
}
