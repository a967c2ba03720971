//! What people are told about vouchers: holders, makers of batches, and those who decide.

use super::batches::batch::{Batch, BatchState};
use crate::notices::{Draft, Recipient, templates};

templates! {
    ISSUED "voucher_issued" about "voucher": "餐券领取成功",
        "“{batch}”餐券已到账，有效期至 {until}，用餐时向驿站出示餐券码即可。";
    ALLOTTED "voucher_allotted" about "voucher": "餐券已到账",
        "工会为您发放了“{batch}”餐券，可在“我的餐券”中查看。";
    REDEEMED "voucher_redeemed" about "voucher": "餐券已使用",
        "已在{station}核销 {amount} 元。";
    ANNULLED "redemption_annulled" about "voucher": "餐券已退回",
        "驿站撤销了刚才的核销，餐券已退回，在有效期内仍可使用。";
    REDEMPTION_REJECTED "redemption_rejected" about "voucher": "餐券核销未通过复核",
        "该笔核销经工会复核未予认可，对应餐券已停用。如有疑问，请联系所属工会。";
    RECALLED "voucher_recalled" about "voucher": "餐券已收回",
        "未使用的餐券已被工会收回：{reason}。如有疑问请联系所属工会。";

    DRAW_WON "draw_won" about "voucher": "抽签已中签",
        "“{batch}”抽签已中签，餐券已到账，可在“我的餐券”中查看。";
    DRAW_INELIGIBLE "draw_ineligible" about "entry": "未参加抽签",
        "抽签时您的会籍不符合“{batch}”的条件，请联系所属工会核对。";
    DRAW_LOST "draw_lost" about "entry": "抽签未中签",
        "“{batch}”抽签未中签，请留意下一批次。抽签种子和全部名次已公布，可自行核对。";
    DRAW_CANCELLED "draw_cancelled" about "entry": "抽签已取消",
        "“{batch}”已停止发放，抽签取消，请留意下一批次。";

    BATCH_RETURNED "voucher_batch_returned" about "vbatch": "餐券批次被退回",
        "{batch}：{reason}";
    BATCH_SUBMITTED "voucher_batch_submitted" about "vbatch": "餐券批次已提交审核",
        "{batch}：请等待另一位工作人员审核。";
    BATCH_REJECTED "voucher_batch_rejected" about "vbatch": "餐券批次未通过审核",
        "{batch}：{reason}";
    BATCH_RUNNING "voucher_batch_running" about "vbatch": "餐券批次开始发放",
        "{batch}：职工现在可以领取。";
    BATCH_PAUSED "voucher_batch_paused" about "vbatch": "餐券批次已暂停",
        "{batch}：恢复之前不能领取和核销。";
    BATCH_STOPPED "voucher_batch_stopped" about "vbatch": "餐券批次已停止发放",
        "{batch}：已领取的餐券在有效期内仍可使用。";
    BATCH_CLOSED "voucher_batch_closed" about "vbatch": "餐券批次已结清关闭",
        "{batch}：该批次不再变化。";

    REDEMPTIONS_SUSPENDED "redemptions_suspended" about "stn": "核销待复核",
        "{station}有 {count} 笔核销需要复核，请于{due}前处理。复核完成前不会结算。";
    SCANS_DISPUTED "scans_disputed" about "stn": "离线核销有争议",
        "{station}上传的离线核销中有 {count} 笔存在争议，请于{due}前处理。处理前该驿站不能结算。";
}

/// What a batch's maker hears of its new state.
pub(super) fn of_batch(to: Recipient, batch: &Batch) -> Draft {
    let news = match &batch.state {
        BatchState::Draft { returned } => to
            .template(&BATCH_RETURNED)
            .with("reason", returned.as_deref().unwrap_or_default()),
        BatchState::Submitted { .. } => to.template(&BATCH_SUBMITTED),
        BatchState::Rejected { reason, .. } => to.template(&BATCH_REJECTED).with("reason", reason),
        BatchState::Running { .. } => to.template(&BATCH_RUNNING),
        BatchState::Paused { .. } => to.template(&BATCH_PAUSED),
        BatchState::Stopped { .. } => to.template(&BATCH_STOPPED),
        BatchState::Closed { .. } => to.template(&BATCH_CLOSED),
    };
    news.with("batch", &batch.name).about(batch.id)
}
