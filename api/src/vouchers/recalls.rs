//! Taking unused vouchers back, from a person or from everybody; a used one is left alone.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{
        Invalid,
        id::{PersonId, kind},
        values::local_time::rfc3339,
    },
    vouchers::recall::{Recall, RecallService, Whom},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Either a person or `all`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecallOrderDto {
    #[schema(value_type = Option<String>)]
    person_id: Option<PersonId>,
    #[serde(default)]
    #[schema(example = true)]
    all: bool,
    /// What holders are told, 2 to 100 characters.
    #[schema(example = "批次发放有误")]
    reason: String,
}

impl RecallOrderDto {
    fn whom(&self) -> Result<Whom, Invalid> {
        match (self.person_id, self.all) {
            (Some(person), false) => Ok(Whom::Person(person)),
            (None, true) => Ok(Whom::Everybody),
            _ => Err(Invalid::field(
                "personId",
                "recall_target",
                "请选择收回一个人的餐券，或全部餐券",
            )),
        }
    }
}

/// A recall and how far it has got.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherRecall)]
pub struct RecallDto {
    id: String,
    batch_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<String>,
    all: bool,
    reason: String,
    /// `running`, `finished`. It stays open for 15 minutes, so that a scan which is annulled
    /// meanwhile is recalled too.
    #[schema(example = "running")]
    status: &'static str,
    recalled: i64,
    ordered_at: String,
    finished_at: Option<String>,
}

impl From<Recall> for RecallDto {
    fn from(recall: Recall) -> Self {
        Self {
            id: recall.id.to_string(),
            batch_id: recall.batch_id.to_string(),
            person_id: recall.person_id.map(|id| id.to_string()),
            all: recall.person_id.is_none(),
            reason: recall.reason,
            status: if recall.finished_at.is_some() {
                "finished"
            } else {
                "running"
            },
            recalled: recall.recalled,
            ordered_at: rfc3339(recall.ordered_at),
            finished_at: recall.finished_at.map(rfc3339),
        }
    }
}

/// Takes back the unused vouchers of a person, or of everybody once the batch is stopped.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = RecallOrderDto,
    responses((status = 202, body = RecallDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/recalls")]
pub async fn recall_vouchers(
    recalls: web::Data<RecallService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    body: Strict<RecallOrderDto>,
) -> Result<HttpResponse, Problem> {
    let recall = recalls
        .order(&caller.0, id.0, body.0.whom()?, &body.0.reason)
        .await?;
    Ok(reply::accepted(RecallDto::from(recall)))
}

/// Recalls of a batch, newest first.
#[utoipa::path(tag = "vouchers",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<RecallDto>)), security(("bearer" = [])))]
#[get("/admin/voucher-batches/{id}/recalls")]
pub async fn list_voucher_recalls(
    recalls: web::Data<RecallService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = recalls.recalls(&caller.0, id.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, RecallDto::from)))
}
