//! Redemptions that look like collusion: until they are decided they are not paid. Never decided
//! by whoever scanned or ate. Reviewers see figures and ids, nobody's name.

mod query;

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    vouchers::collusion::{
        CollusionService, Signal, SuspensionDecision, SuspensionDecisionInput, SuspensionView,
        suspension::{NotedSignal, Ruling},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};
use query::SuspensionsQuery;

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionDecisionWord {
    Lift,
    Reject,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuspensionDecision)]
pub struct SuspensionDecisionDto {
    decision: SuspensionDecisionWord,
    /// Of the suspension, as the decider saw it.
    revision: i64,
    /// What was looked at and found; kept with the decision.
    reason: String,
}

impl From<SuspensionDecisionDto> for SuspensionDecisionInput {
    fn from(dto: SuspensionDecisionDto) -> Self {
        let decision = match dto.decision {
            SuspensionDecisionWord::Lift => SuspensionDecision::Lift,
            SuspensionDecisionWord::Reject => SuspensionDecision::Reject,
        };
        Self {
            decision,
            reason: dto.reason,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionHold)]
pub struct SuspensionDto {
    /// The redemption's id.
    id: String,
    /// To be named by a decision.
    revision: i64,
    status: &'static str,
    signals: Vec<NoticeDto>,
    station_id: String,
    station_name: String,
    batch_id: String,
    voucher_id: String,
    /// The account that scanned it.
    staff_id: String,
    day: String,
    meal: String,
    amount_fen: i64,
    price_fen: i64,
    copay_fen: i64,
    scanned_at: String,
    accepted_at: String,
    suspended_at: String,
    due_at: String,
    overdue: bool,
    decision: Option<DecidedDto>,
}

impl From<SuspensionView> for SuspensionDto {
    fn from(
        SuspensionView {
            suspension,
            station_name,
            notices,
            is_overdue,
        }: SuspensionView,
    ) -> Self {
        let (status, revision) = (suspension.status().code(), suspension.revision());
        let it = suspension.redemption;
        Self {
            id: it.id.to_string(),
            revision,
            status,
            signals: notices.into_iter().map(NoticeDto::from).collect(),
            station_id: it.station_id.to_string(),
            station_name,
            batch_id: it.batch_id.to_string(),
            voucher_id: it.voucher_id.to_string(),
            staff_id: it.staff_id.to_string(),
            day: it.meal.day.to_string(),
            meal: it.meal.window,
            amount_fen: it.payment.amount.get(),
            price_fen: it.payment.price.get(),
            copay_fen: it.payment.copay.get(),
            scanned_at: rfc3339(it.scanned_at),
            accepted_at: rfc3339(it.accepted_at),
            suspended_at: rfc3339(suspension.suspended_at),
            due_at: rfc3339(suspension.due_at),
            overdue: is_overdue,
            decision: suspension.decided.map(DecidedDto::from),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionSignal)]
pub struct NoticeDto {
    #[schema(value_type = String, example = "same_pair")]
    signal: Signal,
    /// The figures that speak for it.
    #[schema(value_type = Object)]
    evidence: Value,
    noticed_at: String,
}

impl From<NotedSignal> for NoticeDto {
    fn from(it: NotedSignal) -> Self {
        Self {
            signal: it.signal,
            evidence: it.evidence,
            noticed_at: rfc3339(it.noticed_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionHoldDecided)]
pub struct DecidedDto {
    #[schema(example = "lifted")]
    decision: &'static str,
    by: String,
    at: String,
    reason: String,
}

impl From<Ruling> for DecidedDto {
    fn from(it: Ruling) -> Self {
        Self {
            decision: it.decision.code(),
            by: it.by.to_string(),
            at: rfc3339(it.at),
            reason: it.reason,
        }
    }
}

/// Redemptions of the caller's area that look like collusion, newest first. Until they are decided
/// they are not paid.
#[utoipa::path(tag = "vouchers",
    params(SuspensionsQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SuspensionDto>)), security(("bearer" = [])))]
#[get("/admin/redemption-suspensions")]
pub async fn list_redemption_holds(
    collusion: web::Data<CollusionService>,
    caller: Caller,
    query: web::Query<SuspensionsQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = collusion
        .suspensions(&caller.0, query.checked()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, SuspensionDto::from)))
}

/// Releases a held redemption for payment, or rejects it for good; never by whoever scanned or ate
/// it.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = SuspensionDecisionDto,
    responses((status = 200, body = SuspensionDto)), security(("bearer" = [])))]
#[post("/admin/redemption-suspensions/{id}/decisions")]
pub async fn decide_on_redemption_hold(
    collusion: web::Data<CollusionService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<SuspensionDecisionDto>,
) -> Result<HttpResponse, Problem> {
    let revision = body.0.revision;
    Ok(reply::ok(SuspensionDto::from(
        collusion
            .decide(&caller.0, id.0, body.0.into(), revision)
            .await?,
    )))
}
