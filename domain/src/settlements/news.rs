//! What the maker of a settlement and the station's staff are told.

use super::sheets::{settlement::Settlement, stage::Stage};
use crate::notices::{Draft, Recipient, templates};

templates! {
    RETURNED "settlement_returned" about "settle": "结算单被退回",
        "{period}：{reason}";
    FROZEN "settlement_frozen" about "settle": "结算单待确认",
        "{period}：请核对明细后确认，如有异议请说明原因。";
    CONFIRMED "settlement_confirmed" about "settle": "驿站已确认结算单",
        "{period}：请等待另一位工作人员审核。";
    APPROVED "settlement_approved" about "settle": "结算单已通过审核",
        "{period}：等待付款。";
    PAID "settlement_paid" about "settle": "结算款已支付",
        "{period}：付款凭证号 {reference}。";
    CLOSED "settlement_closed" about "settle": "结算单已办结",
        "{period}：本期结算完成。";
    REJECTED "settlement_rejected" about "settle": "结算单未通过审核",
        "{period}：{reason}";
    CANCELLED "settlement_cancelled" about "settle": "结算单已作废",
        "{period}：{reason}";
}

/// What somebody hears of a sheet's new stage.
pub(super) fn of_stage(to: Recipient, sheet: &Settlement) -> Draft {
    let news = match &sheet.stage {
        Stage::Open { sent_back } => {
            let reason = sent_back.as_ref().map(|objection| objection.reason.clone());
            to.template(&RETURNED)
                .with("reason", reason.unwrap_or_default())
        }
        Stage::Frozen { .. } => to.template(&FROZEN),
        Stage::Confirmed { .. } => to.template(&CONFIRMED),
        Stage::Approved { .. } => to.template(&APPROVED),
        Stage::Paid { payment, .. } => to.template(&PAID).with("reference", &payment.reference),
        Stage::Closed { .. } => to.template(&CLOSED),
        Stage::Rejected { objection } => to.template(&REJECTED).with("reason", &objection.reason),
        Stage::Cancelled { objection } => to.template(&CANCELLED).with("reason", &objection.reason),
    };
    let period = format!("{} 至 {}", sheet.period.first(), sheet.period.last());
    news.with("period", period).about(sheet.id)
}

/// Whether the station's staff hear of it too: of what asks for their answer or brings money.
pub(super) const fn is_for_staff(stage: &Stage) -> bool {
    !matches!(stage, Stage::Confirmed { .. } | Stage::Closed { .. })
}
