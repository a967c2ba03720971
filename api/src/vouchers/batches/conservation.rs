//! Both sides of every conservation equation of a batch, as they stand now.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::id::kind,
    vouchers::{
        BatchService,
        reconciliation::conservation::{BatchSums, Equation},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath},
    problem::Problem,
    reply,
};

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

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoucherEquation)]
pub struct EquationDto {
    name: &'static str,
    left: i64,
    right: i64,
    holds: bool,
}

/// The conservation equations of a batch, checked now.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = ConservationDto)),
    security(("bearer" = [])))]
#[get("/admin/voucher-batches/{id}/conservation")]
pub async fn get_voucher_conservation(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(ConservationDto::from(
        batches.conservation(&caller.0, id.0).await?,
    )))
}
