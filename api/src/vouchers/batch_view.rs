//! Batches as they go out to cadres, and as offers to workers.

use niangjia_domain::{
    kernel::{DistrictCode, id::StationId, values::local_time::rfc3339},
    membership::standing::StandingLevel,
    vouchers::{
        BatchView, Offer,
        batches::{
            batch::BatchState,
            rules::{
                Distribution,
                eligibility::{Condition, Eligibility},
            },
        },
        reconciliation::conservation::{BatchSums, Equation},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    draws::EntryDto,
    voucher_view::{MealDto, StationNameDto, meals},
};

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

/// A running batch as a worker sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherOffer)]
pub struct OfferDto {
    id: String,
    name: String,
    district: String,
    face_value_fen: i64,
    valid_from: String,
    valid_to: String,
    /// When claims begin; absent: they have begun with the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    claims_from: Option<String>,
    meals: Vec<MealDto>,
    stations: Vec<StationNameDto>,
    per_person_limit: i64,
    /// How many the caller has had.
    claimed: i64,
    remaining: i64,
    #[schema(value_type = String, example = "first_come")]
    distribution: Distribution,
    /// When a draw's entries close.
    #[serde(skip_serializing_if = "Option::is_none")]
    draw_at: Option<String>,
    /// The caller's own entry in the draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryDto>,
    /// Whether it can be claimed, or a draw be entered, now; the claim itself decides.
    available: bool,
    missing: Vec<MissingDto>,
}

/// What keeps the caller from it, and what to do about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MissingVoucherCondition)]
pub struct MissingDto {
    condition: &'static str,
    how_to: &'static str,
}

impl From<Condition> for MissingDto {
    fn from(condition: Condition) -> Self {
        Self {
            condition: condition.code(),
            how_to: condition.how_to(),
        }
    }
}

impl From<Offer> for OfferDto {
    fn from(offer: Offer) -> Self {
        let rules = offer.batch.rules;
        Self {
            id: offer.batch.id.to_string(),
            name: offer.batch.name,
            district: offer.batch.district.to_string(),
            face_value_fen: rules.face_value.get(),
            valid_from: rfc3339(rules.valid_from),
            valid_to: rfc3339(rules.valid_to),
            claims_from: rules.claims_from.map(rfc3339),
            meals: meals(&rules.meals),
            stations: offer
                .stations
                .into_iter()
                .map(StationNameDto::from)
                .collect(),
            per_person_limit: rules.per_person_limit,
            claimed: offer.claimed,
            remaining: offer.remaining,
            distribution: rules.distribution,
            draw_at: rules.draw_at.map(rfc3339),
            entry: offer.entry.map(EntryDto::from),
            available: offer.missing.is_empty(),
            missing: offer.missing.into_iter().map(MissingDto::from).collect(),
        }
    }
}

/// Both sides of every conservation equation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherConservation)]
pub struct ConservationDto {
    balanced: bool,
    issued: i64,
    live: i64,
    redeemed: i64,
    expired: i64,
    deactivated: i64,
    recalled: i64,
    budget_fen: i64,
    reserved_fen: i64,
    spent_fen: i64,
    free_fen: i64,
    ledger_reserved_fen: i64,
    ledger_spent_fen: i64,
    redemptions_fen: i64,
    adjustments_fen: i64,
    equations: Vec<EquationDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoucherEquation)]
pub struct EquationDto {
    name: &'static str,
    left: i64,
    right: i64,
    holds: bool,
}

impl From<BatchSums> for ConservationDto {
    fn from(tally: BatchSums) -> Self {
        let equation = |it: Equation| EquationDto {
            holds: it.holds(),
            name: it.name,
            left: it.left,
            right: it.right,
        };
        Self {
            balanced: tally.is_balanced(),
            equations: tally.equations().into_iter().map(equation).collect(),
            free_fen: tally.free_fen(),
            issued: tally.issued,
            live: tally.live,
            redeemed: tally.redeemed,
            expired: tally.expired,
            deactivated: tally.deactivated,
            recalled: tally.recalled,
            budget_fen: tally.budget_fen,
            reserved_fen: tally.reserved_fen,
            spent_fen: tally.spent_fen,
            ledger_reserved_fen: tally.ledger_reserved_fen,
            ledger_spent_fen: tally.ledger_spent_fen,
            redemptions_fen: tally.redemptions_fen,
            adjustments_fen: tally.adjustments_fen,
        }
    }
}
