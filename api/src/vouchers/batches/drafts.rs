//! Drafting a batch and handing it to a checker; from then on its rules are frozen.

use actix_web::{HttpResponse, post, put, web};
use chrono::{DateTime, FixedOffset};
use niangjia_domain::{
    kernel::{
        Answer, DistrictCode,
        id::{StationId, kind},
    },
    membership::standing::StandingLevel,
    vouchers::{
        BatchService,
        batches::rules::{Distribution, NewBatch, NewMeal},
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::batch::BatchDto;
use crate::{
    http::{
        extract::{Caller, Empty, IdPath, Strict},
        problem::Problem,
        reply,
    },
    vouchers::stored,
};

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

/// Drafts a batch in the caller's district.
#[utoipa::path(tag = "vouchers", request_body = NewVoucherBatchDto, responses((status = 201, body = BatchDto)),
    security(("bearer" = [])))]
#[post("/admin/voucher-batches")]
pub async fn draft_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    body: Strict<NewVoucherBatchDto>,
) -> Result<HttpResponse, Problem> {
    let batch = BatchDto::from(batches.draft(&caller.0, body.0.into()).await?);
    Ok(reply::created(
        format!("/api/v1/admin/voucher-batches/{}", batch.id),
        Answer::fresh(batch),
    ))
}

/// Replaces a draft, such as one that was sent back.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = NewVoucherBatchDto,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[put("/admin/voucher-batches/{id}")]
pub async fn redraft_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    body: Strict<NewVoucherBatchDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.redraft(&caller.0, id.0, body.0.into()).await?,
    )))
}

/// Hands a draft to a checker; its rules are frozen.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/submission")]
pub async fn submit_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.submit(&caller.0, id.0).await?,
    )))
}
