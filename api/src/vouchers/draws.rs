//! Draws: workers enter, and everybody can check what the lot was from what is published.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    vouchers::draw::{DrawEntry, DrawService, PublishedDraw},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Paging},
    problem::Problem,
    reply::{self, PageView},
};

/// How to run a draw again.
const ALGORITHM: &str = "SHA-256(seed) = commitment; entries in order of HMAC-SHA-256(key = seed, message = entryId), \
                         lowest first; the first `winners` of those that are not `ineligible` have won";

/// One's own chance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherDrawEntry)]
pub struct EntryDto {
    pub id: String,
    batch_id: String,
    /// `entered`, `won`, `lost`, `ineligible`, `cancelled`.
    #[schema(example = "entered")]
    status: &'static str,
    entered_at: String,
    draws_at: String,
    /// Place in the order, from 1, once it is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voucher_id: Option<String>,
}

impl From<DrawEntry> for EntryDto {
    fn from(entry: DrawEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            batch_id: entry.batch_id.to_string(),
            status: entry.state.as_str(),
            entered_at: rfc3339(entry.entered_at),
            draws_at: rfc3339(entry.draws_at),
            rank: entry.state.rank(),
            voucher_id: entry.state.voucher_id().map(|id| id.to_string()),
        }
    }
}

/// A draw as everybody may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherDraw)]
pub struct DrawDto {
    batch_id: String,
    batch_name: String,
    /// `waiting`, `scoring`, `drawing`, `drawn`, `cancelled`.
    #[schema(example = "waiting")]
    status: &'static str,
    draws_at: String,
    /// SHA-256 of the seed, hexadecimal: published before the first entry.
    commitment: String,
    /// Hexadecimal; told when the draw is over.
    seed: Option<String>,
    algorithm: &'static str,
    entries: i64,
    winners: i64,
    finished_at: Option<String>,
    /// In order of the draw, once it is over.
    items: Vec<LotDto>,
    next_cursor: Option<String>,
}

/// What became of one entry.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherLot)]
pub struct LotDto {
    rank: Option<i64>,
    entry_id: String,
    /// `won`, `lost`, `ineligible`.
    status: &'static str,
}

impl From<PublishedDraw> for DrawDto {
    fn from(PublishedDraw { batch, draw, order }: PublishedDraw) -> Self {
        let lot = |entry: DrawEntry| LotDto {
            rank: entry.state.rank(),
            entry_id: entry.id.to_string(),
            status: entry.state.as_str(),
        };
        let PageView { items, next_cursor } = PageView::of(order, lot);
        Self {
            batch_id: batch.id.to_string(),
            batch_name: batch.name,
            status: draw.state.code(),
            draws_at: rfc3339(draw.draw_at),
            commitment: draw.seed.commitment(),
            seed: draw.revealed_seed().map(|seed| seed.expose()),
            algorithm: ALGORITHM,
            entries: draw.entries,
            winners: draw.winners,
            finished_at: draw.finished_at.map(rfc3339),
            items,
            next_cursor,
        }
    }
}

/// Enters the draw of a batch that is released by lot.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 201, body = EntryDto)), security(("bearer" = [])),
    extensions(("x-idempotent" = json!(true))))]
#[post("/voucher-batches/{id}/entries")]
pub async fn enter_voucher_draw(
    draws: web::Data<DrawService>,
    id: IdPath<kind::VoucherBatch>,
    write: Idempotent<Empty>,
) -> Result<HttpResponse, Problem> {
    let answer = draws
        .enter(&write.actor, &write.request, id.0)
        .await?
        .map(EntryDto::from);
    Ok(reply::created(
        format!("/api/v1/voucher-draw-entries/{}", answer.value.id),
        answer,
    ))
}

/// The caller's own entry.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = EntryDto)),
    security(("bearer" = [])))]
#[get("/voucher-draw-entries/{id}")]
pub async fn get_voucher_draw_entry(
    draws: web::Data<DrawService>,
    caller: Caller,
    id: IdPath<kind::DrawEntry>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(EntryDto::from(
        draws.my_entry(&caller.0, id.0).await?,
    )))
}

/// A draw for everybody who wants to check it: the commitment, and when it is over the seed and the
/// whole order.
#[utoipa::path(tag = "vouchers",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = DrawDto)))]
#[get("/voucher-batches/{id}/draw")]
pub async fn get_voucher_draw(
    request: HttpRequest,
    draws: web::Data<DrawService>,
    id: IdPath<kind::VoucherBatch>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    reply::cached(
        &request,
        &DrawDto::from(draws.published(id.0, page.0).await?),
    )
}
