//! Batches of the caller's area, from draft to end: what each step may be taken from is the
//! domain's to say, a step out of turn is refused there.

mod amounts;
mod batch;
mod conservation;
pub mod decisions;
mod drafts;
mod switches;

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::{Invalid, id::kind},
    vouchers::{BatchService, batches::batch::BatchStatus},
};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::known;
use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply::{self, PageView},
};
use batch::BatchDto;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(drafts::draft_voucher_batch)
        .service(list_admin_voucher_batches)
        .service(get_voucher_batch)
        .service(drafts::redraft_voucher_batch)
        .service(drafts::submit_voucher_batch)
        .service(decisions::decide_on_voucher_batch)
        .service(switches::pause_voucher_batch)
        .service(switches::resume_voucher_batch)
        .service(switches::stop_voucher_batch)
        .service(amounts::change_voucher_quota)
        .service(amounts::change_voucher_budget)
        .service(switches::close_voucher_batch)
        .service(conservation::get_voucher_conservation);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BatchQuery {
    /// One of `draft submitted rejected running paused stopped ended closed`.
    status: Option<String>,
}

impl BatchQuery {
    fn status(&self) -> Result<Option<BatchStatus>, Invalid> {
        known(self.status.as_deref(), BatchStatus::parse)
    }
}

/// Batches of the caller's area, newest first.
#[utoipa::path(tag = "vouchers",
    params(BatchQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<BatchDto>)), security(("bearer" = [])))]
#[get("/admin/voucher-batches")]
pub async fn list_admin_voucher_batches(
    batches: web::Data<BatchService>,
    caller: Caller,
    query: web::Query<BatchQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = batches.batches(&caller.0, query.status()?, page.0).await?;
    Ok(reply::ok(PageView::of(page, BatchDto::from)))
}

/// One batch of the caller's area.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = BatchDto)),
    security(("bearer" = [])))]
#[get("/admin/voucher-batches/{id}")]
pub async fn get_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.batch(&caller.0, id.0).await?,
    )))
}
