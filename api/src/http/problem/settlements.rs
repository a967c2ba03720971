//! Why a sheet does not move on, and why a redemption is not adjusted.

use niangjia_domain::{
    kernel::values::local_time,
    settlements::{SettlementError, SettlementStatus},
};

use super::{Problem, Row, conflict};

const PERIOD_TAKEN: Row = conflict(
    "settlement_period_taken",
    "该驿站的这些日期已有结算单，请在结算列表中查看",
);
const SAME_PERSON: Row = conflict(
    "same_person",
    "制单、确认、审核须由不同的人办理，请交由其他人办理",
);
const CHANGED_MEANWHILE: Row = conflict("settlement_changed", "结算单刚刚发生变化，请刷新后重试");
const PERIOD_NOT_OVER: Row = conflict(
    "settlement_period_not_over",
    "结算周期尚未结束，请在截止日期过后再核算",
);
const ANNULMENT_OPEN: Row = conflict("annulment_open", "还有核销可以撤销，请在 15 分钟后再核算");
const UNSYNCED: Row = conflict(
    "devices_not_synced",
    "还有设备未上传离线核销，请先联网上传；设备丢失的，请由工会注销后再核算",
);
const DISPUTED: Row = conflict(
    "scans_disputed",
    "还有存疑的离线核销未处理，请先在存疑核销中处理，再核算",
);
const NOTHING_TO_SETTLE: Row = conflict(
    "nothing_to_settle",
    "该周期没有可结算的核销，请核对驿站和日期；待复核的核销请先复核",
);
const OVERSPENT: Row = conflict(
    "settlement_overspent",
    "结算金额与预算支出不符，已停止核算，请联系系统管理员核对",
);
const OTHER_SHEET: Row = conflict(
    "settlement_other_sheet",
    "结算单已重新核算，请核对新的明细后再确认",
);
const NOT_FROZEN: Row = conflict("settlement_not_frozen", "结算单尚未核算，没有明细可以导出");
const TOO_LONG: Row = conflict(
    "settlement_too_long",
    "明细过多，无法生成表格，请下载 CSV 文件",
);
const NOT_APPROVED: Row = conflict(
    "redemption_not_adjustable",
    "只有结算单已审核通过的核销才能调整；尚未通过的，请将结算单退回后处理",
);
const ALREADY_ADJUSTED: Row = conflict("already_adjusted", "该笔核销已调整过，不能重复调整");
const NO_BUDGET: Row = conflict("budget_exhausted", "批次预算不足，不能增加支付，请联系工会");

impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Self {
        match error {
            SettlementError::PeriodTaken => PERIOD_TAKEN.into(),
            SettlementError::State(status) => {
                Self::from(conflict("settlement_state_conflict", next_step(status)))
                    .with("settlementStatus", status.code())
            }
            SettlementError::SamePerson => SAME_PERSON.into(),
            SettlementError::ChangedMeanwhile => CHANGED_MEANWHILE.into(),
            SettlementError::PeriodNotOver { last_day } => {
                Self::from(PERIOD_NOT_OVER).with("lastDay", last_day.to_string())
            }
            SettlementError::AnnulmentOpen { until } => {
                Self::from(ANNULMENT_OPEN).with("until", local_time::rfc3339(until))
            }
            SettlementError::Unsynced(devices) => {
                let devices: Vec<_> = devices.into_iter().map(|device| device.device_id).collect();
                Self::from(UNSYNCED).with("devices", devices)
            }
            SettlementError::Disputed(scans) => {
                let scans: Vec<_> = scans.iter().map(ToString::to_string).collect();
                Self::from(DISPUTED).with("scans", scans)
            }
            SettlementError::NothingToSettle => NOTHING_TO_SETTLE.into(),
            SettlementError::Overspent => {
                tracing::error!("settlement lines exceed what was spent");
                OVERSPENT.into()
            }
            SettlementError::OtherSheet => OTHER_SHEET.into(),
            SettlementError::NotFrozen => NOT_FROZEN.into(),
            SettlementError::TooLong => TOO_LONG.into(),
            SettlementError::NotApproved => NOT_APPROVED.into(),
            SettlementError::AlreadyAdjusted => ALREADY_ADJUSTED.into(),
            SettlementError::NoBudget => NO_BUDGET.into(),
            SettlementError::Sheet(fault) => {
                tracing::error!(cause = %fault, "export failed");
                Self::internal()
            }
            SettlementError::Access(error) => error.into(),
            SettlementError::Invalid(error) => error.into(),
            SettlementError::Store(error) => error.into(),
        }
    }
}

const fn next_step(status: SettlementStatus) -> &'static str {
    match status {
        SettlementStatus::Open => "结算单尚未核算，请先核算",
        SettlementStatus::Frozen => "结算单等待驿站确认，请先由驿站核对",
        SettlementStatus::Confirmed => "结算单等待审核，请由另一位工作人员审核",
        SettlementStatus::Approved => "结算单已通过审核，请登记付款",
        SettlementStatus::Paid => "结算单已付款，请办结",
        SettlementStatus::Closed => "结算单已办结，如需更正请在下一期调整",
        SettlementStatus::Rejected => "结算单未通过审核，请重新制单",
        SettlementStatus::Cancelled => "结算单已作废，请重新制单",
    }
}
