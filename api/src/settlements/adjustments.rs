//! Corrections of redemptions of an approved sheet, in the station's next one; each redemption
//! once. No line that was frozen is changed.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    settlements::{Adjustment, SettlementService},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdjustmentDto {
    /// Negative takes back; all that was paid when absent.
    amount_fen: Option<i64>,
    /// 2 to 200 characters.
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Adjustment)]
pub struct AdjustmentViewDto {
    id: String,
    station_id: String,
    batch_id: String,
    amount_fen: i64,
    reason: String,
    made_at: String,
}

impl From<Adjustment> for AdjustmentViewDto {
    fn from(it: Adjustment) -> Self {
        Self {
            id: it.id.to_string(),
            station_id: it.station_id.to_string(),
            batch_id: it.batch_id.to_string(),
            amount_fen: it.amount_fen,
            reason: it.reason,
            made_at: rfc3339(it.made_at),
        }
    }
}

/// Corrects a redemption of an approved sheet in the station's next one; once.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = AdjustmentDto,
    responses((status = 200, body = AdjustmentViewDto)), security(("bearer" = [])))]
#[post("/admin/redemptions/{id}/adjustment")]
pub async fn adjust_redemption(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<AdjustmentDto>,
) -> Result<HttpResponse, Problem> {
    let AdjustmentDto { amount_fen, reason } = body.0;
    Ok(reply::ok(AdjustmentViewDto::from(
        settlements
            .adjust(&caller.0, id.0, amount_fen, &reason)
            .await?,
    )))
}
