//! What comes in.

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, Utc};
use niangjia_domain::{
    kernel::{DistrictCode, Invalid, id::StationId},
    membership::standing::StandingLevel,
    vouchers::{
        ScanRequest,
        batches::{
            batch::BatchStatus,
            rules::{Distribution, NewBatch, NewMeal},
        },
        wallet::voucher::VoucherState,
    },
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::extract::chosen;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVoucherBatchDto {
    #[schema(example = "夏日爱心餐")]
    name: String,
    #[schema(value_type = String, example = "370811")]
    district: DistrictCode,
    /// 1 to 100,000.
    face_value_fen: i64,
    quota: i64,
    daily_quota: Option<i64>,
    budget_fen: i64,
    per_person_limit: i64,
    meals: Vec<MealWindowDto>,
    #[schema(value_type = String, format = DateTime)]
    valid_from: DateTime<FixedOffset>,
    /// The first instant at which vouchers are void.
    #[schema(value_type = String, format = DateTime)]
    valid_to: DateTime<FixedOffset>,
    /// When claims begin; at once when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    claims_from: Option<DateTime<FixedOffset>>,
    #[schema(value_type = Vec<String>)]
    station_ids: Vec<StationId>,
    eligibility: EligibilityDto,
    /// `first_come`, `draw` or `grant`.
    #[schema(value_type = String, example = "first_come")]
    distribution: Distribution,
    /// When entries close and lots are drawn; for `draw` alone.
    #[schema(value_type = Option<String>, format = DateTime)]
    draw_at: Option<DateTime<FixedOffset>>,
}

/// `HH:MM` in Asia/Shanghai, half-open; the end may be `24:00`. Windows of one name are the same
/// meal in all batches.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MealWindowDto {
    #[schema(example = "午餐")]
    name: String,
    #[schema(example = "11:00")]
    from: String,
    #[schema(example = "13:30")]
    to: String,
}

/// An empty list asks for nothing beyond a live standing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EligibilityDto {
    #[schema(value_type = Vec<String>, example = json!(["provisional", "active"]))]
    standings: Vec<StandingLevel>,
    occupations: Vec<String>,
    #[schema(value_type = Vec<String>)]
    districts: Vec<DistrictCode>,
}

impl From<NewVoucherBatchDto> for NewBatch {
    fn from(dto: NewVoucherBatchDto) -> Self {
        let meal = |meal: MealWindowDto| NewMeal {
            name: meal.name,
            from: meal.from,
            to: meal.to,
        };
        Self {
            name: dto.name,
            district: dto.district,
            face_value_fen: dto.face_value_fen,
            quota: dto.quota,
            daily_quota: dto.daily_quota,
            budget_fen: dto.budget_fen,
            per_person_limit: dto.per_person_limit,
            meals: dto.meals.into_iter().map(meal).collect(),
            valid_from: stored(dto.valid_from),
            valid_to: stored(dto.valid_to),
            claims_from: dto.claims_from.map(stored),
            station_ids: dto.station_ids,
            standings: dto.eligibility.standings,
            occupations: dto.eligibility.occupations,
            districts: dto.eligibility.districts,
            distribution: dto.distribution,
            draw_at: dto.draw_at.map(stored),
        }
    }
}

/// To the microsecond, which both databases keep.
pub(super) fn stored(instant: DateTime<FixedOffset>) -> DateTime<Utc> {
    instant.to_utc().trunc_subsecs(6)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaChangeDto {
    /// The quota as the caller saw it.
    pub current: i64,
    pub target: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetChangeDto {
    /// The budget as the caller saw it, in fen.
    pub current: i64,
    /// At least one voucher's worth, in fen.
    pub target: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeSecretRequestDto {
    /// The phone's own name for itself, 1 to 64 characters.
    pub device_id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanDto {
    /// The QR code's text, or the eight digits.
    code: String,
    #[schema(value_type = String)]
    station_id: StationId,
    /// The scanner's own name for itself, 1 to 64 characters.
    device_id: String,
    /// By the station's clock; now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    scanned_at: Option<DateTime<FixedOffset>>,
    /// What the meal costs; the face value when absent.
    price_fen: Option<i64>,
}

impl From<ScanDto> for ScanRequest {
    fn from(dto: ScanDto) -> Self {
        Self {
            code: dto.code,
            station_id: dto.station_id,
            device_id: dto.device_id,
            scanned_at: dto.scanned_at.map(stored),
            price_fen: dto.price_fen,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnulmentDto {
    /// 2 to 100 characters.
    pub reason: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BatchQuery {
    /// One of `draft submitted rejected running paused stopped ended closed`.
    status: Option<String>,
}

impl BatchQuery {
    pub fn status(&self) -> Result<Option<BatchStatus>, Invalid> {
        known(self.status.as_deref(), BatchStatus::parse)
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VoucherQuery {
    /// One of `issued redeemed expired deactivated recalled`.
    status: Option<String>,
}

impl VoucherQuery {
    pub fn state(&self) -> Result<Option<VoucherState>, Invalid> {
        known(self.status.as_deref(), VoucherState::parse)
    }
}

pub(super) fn known<T>(
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    chosen(
        "status",
        "status_unknown",
        "没有这种状态，请从列表中选择",
        text,
        parse,
    )
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// `YYYY-MM-DD` in Asia/Shanghai; today when absent.
    #[param(example = "2026-06-01")]
    date: Option<String>,
}

impl DayQuery {
    pub fn day(&self) -> Result<Option<NaiveDate>, Invalid> {
        let wrong = || Invalid::field("date", "date_invalid", "日期应为 2026-06-01 这样的格式");
        let parse = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong());
        self.date.as_deref().map(parse).transpose()
    }
}
