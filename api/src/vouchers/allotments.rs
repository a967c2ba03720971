//! How far the granting of a batch to the members of its district has got, and why some got
//! nothing.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    vouchers::allotment::{AllotmentRun, AllotmentService, Skipped},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath},
    problem::Problem,
    reply,
};

/// The run over the members of the batch's district.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherGrantRun)]
pub struct AllotmentRunDto {
    batch_id: String,
    /// `waiting`, `running`, `finished`, `exhausted` (quota or budget: goes on when they are
    /// raised), `stopped`.
    #[schema(example = "running")]
    state: &'static str,
    considered: i64,
    issued: i64,
    skipped: SkippedDto,
    starts_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
}

/// Members who got nothing, by the first condition they lack.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherGrantSkipped)]
pub struct SkippedDto {
    standing_level: i64,
    occupation: i64,
    district: i64,
    person_limit: i64,
}

impl From<AllotmentRun> for AllotmentRunDto {
    fn from(run: AllotmentRun) -> Self {
        let Skipped {
            standing_level,
            occupation,
            district,
            person_limit,
        } = run.skipped;
        Self {
            batch_id: run.batch_id.to_string(),
            state: run.state.code(),
            considered: run.considered,
            issued: run.issued,
            skipped: SkippedDto {
                standing_level,
                occupation,
                district,
                person_limit,
            },
            starts_at: rfc3339(run.starts_at),
            started_at: run.started_at.map(rfc3339),
            finished_at: run.finished_at.map(rfc3339),
        }
    }
}

/// How far the granting of a batch has got.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = AllotmentRunDto)),
    security(("bearer" = [])))]
#[get("/admin/voucher-batches/{id}/allotment")]
pub async fn get_voucher_grant_run(
    allotments: web::Data<AllotmentService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(AllotmentRunDto::from(
        allotments.progress(&caller.0, id.0).await?,
    )))
}
