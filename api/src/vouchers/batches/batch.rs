//! A batch as cadres see it: its rules, and how much of it is gone.

use niangjia_domain::{
    kernel::{DistrictCode, id::StationId, values::local_time::rfc3339},
    membership::standing::StandingLevel,
    vouchers::{
        BatchView,
        batches::{
            batch::BatchState,
            rules::{Distribution, eligibility::Eligibility},
        },
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::vouchers::validity::{MealDto, meals};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherBatch)]
pub struct BatchDto {
    pub id: String,
    name: String,
    district: String,
    status: &'static str,
    /// Why it was sent back or rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    face_value_fen: i64,
    quota: i64,
    daily_quota: Option<i64>,
    issued: i64,
    budget_fen: i64,
    reserved_fen: i64,
    spent_fen: i64,
    free_fen: i64,
    per_person_limit: i64,
    meals: Vec<MealDto>,
    valid_from: String,
    valid_to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims_from: Option<String>,
    #[schema(value_type = Vec<String>)]
    station_ids: Vec<StationId>,
    eligibility: EligibilityViewDto,
    #[schema(value_type = String)]
    distribution: Distribution,
    #[serde(skip_serializing_if = "Option::is_none")]
    draw_at: Option<String>,
    created_at: String,
}

impl From<BatchView> for BatchDto {
    fn from(
        BatchView {
            batch,
            budget,
            status,
        }: BatchView,
    ) -> Self {
        let reason = match batch.state {
            BatchState::Draft { returned } => returned,
            BatchState::Rejected { reason, .. } => Some(reason),
            BatchState::Submitted { .. }
            | BatchState::Running { .. }
            | BatchState::Paused { .. }
            | BatchState::Stopped { .. }
            | BatchState::Closed { .. } => None,
        };
        let rules = batch.rules;
        Self {
            id: batch.id.to_string(),
            name: batch.name,
            district: batch.district.to_string(),
            status: status.code(),
            reason,
            face_value_fen: rules.face_value.get(),
            quota: budget.quota,
            daily_quota: rules.daily_quota,
            issued: budget.issued,
            budget_fen: budget.total.get(),
            reserved_fen: budget.reserved.get(),
            spent_fen: budget.spent.get(),
            free_fen: budget.free().get(),
            per_person_limit: rules.per_person_limit,
            meals: meals(&rules.meals),
            valid_from: rfc3339(rules.valid_from),
            valid_to: rfc3339(rules.valid_to),
            claims_from: rules.claims_from.map(rfc3339),
            station_ids: rules.station_ids,
            eligibility: rules.eligibility.into(),
            distribution: rules.distribution,
            draw_at: rules.draw_at.map(rfc3339),
            created_at: rfc3339(batch.created_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoucherEligibility)]
pub struct EligibilityViewDto {
    #[schema(value_type = Vec<String>)]
    standings: Vec<StandingLevel>,
    occupations: Vec<String>,
    #[schema(value_type = Vec<String>)]
    districts: Vec<DistrictCode>,
}

impl From<Eligibility> for EligibilityViewDto {
    fn from(it: Eligibility) -> Self {
        Self {
            standings: it.standings,
            occupations: it.occupations,
            districts: it.districts,
        }
    }
}
