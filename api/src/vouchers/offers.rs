//! Running batches as workers see them, each with what keeps the caller from it.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    vouchers::{
        ClaimService, Offer,
        batches::rules::{Distribution, eligibility::Condition},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    draws::EntryDto,
    validity::{MealDto, StationNameDto, meals},
};
use crate::http::{
    extract::{Caller, Paging},
    problem::Problem,
    reply::{self, PageView},
};

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

/// Running batches, with what keeps the caller from each.
#[utoipa::path(tag = "vouchers", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<OfferDto>)), security(("bearer" = [])))]
#[get("/voucher-batches")]
pub async fn list_voucher_batches(
    claims: web::Data<ClaimService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = claims.offers(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, OfferDto::from)))
}
