//! Why there is no voucher, no code, no meal. The reasons of a refused scan are a table of their
//! own, in `scans.rs`.

use std::time::Duration;

use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::values::local_time,
    vouchers::{
        VoucherError,
        batches::{
            batch::BatchStatus,
            rules::{Distribution, eligibility::Condition},
        },
    },
};
use serde_json::{Value, json};

use super::{Problem, Row, conflict};

const ENTRIES_CLOSED: Row = conflict("entries_closed", "抽签报名已截止，请留意下一批次");
const ENTERED_BEFORE: Row = conflict("entered_before", "您已报名本批次的抽签，请等待结果");
const SAME_PERSON: Row = conflict("same_person", "批次须由另一位工作人员审核，请交由同事办理");
const QUOTA_CHANGED: Row = conflict(
    "quota_changed",
    "发放总量刚刚被修改，请刷新后按最新数量重新填写",
);
const QUOTA_BELOW_ISSUED: Row = conflict(
    "quota_below_issued",
    "发放总量不能低于已发放的数量，请重新填写",
);
const BUDGET_CHANGED: Row = conflict(
    "budget_changed",
    "预算刚刚被修改，请刷新后按最新金额重新填写",
);
const BUDGET_BELOW_USED: Row = conflict(
    "budget_below_used",
    "预算不能低于已占用和已支出的金额，请重新填写",
);
const BATCH_UNFINISHED: Row = conflict(
    "batch_unfinished",
    "批次还有未使用的餐券或未结算的核销，请全部了结后再关闭",
);
const CHANGED_MEANWHILE: Row = conflict("voucher_changed", "内容刚刚发生变化，请刷新后重试");
const BATCH_NOT_RUNNING: Row = conflict(
    "batch_not_running",
    "该批次目前未在发放，请查看其他可领取的批次",
);
const BATCH_EXHAUSTED: Row = conflict("batch_exhausted", "本批次已领完，请留意下一批次");
const DAILY_QUOTA_EXHAUSTED: Row = conflict("batch_exhausted", "今日份额已领完，请明天再来");
const PERSON_LIMIT_REACHED: Row = conflict(
    "person_limit_reached",
    "您已领满本批次的数量，可在“我的餐券”中查看",
);
const VOUCHER_NOT_USABLE: Row = conflict(
    "voucher_not_usable",
    "这张餐券已不能使用，请在“我的餐券”中选择其他餐券",
);
const CODE_SECRET_DELIVERED: Row = conflict(
    "code_secret_delivered",
    "本机已领取过该餐券的密钥；如已丢失，请改用联网方式显示餐券码",
);
const TOO_MANY_DEVICES: Row = conflict(
    "too_many_devices",
    "该餐券绑定的手机过多，请改用联网方式显示餐券码",
);
const THROTTLED: Row = (
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_codes",
    "操作过于频繁，请稍候再试",
);
const ALREADY_ANNULLED: Row = conflict("already_annulled", "该笔核销已撤销，无需重复操作");
const ANNULMENT_TOO_LATE: Row = conflict(
    "annulment_too_late",
    "核销已超过 15 分钟，不能撤销，请联系工会在结算时调整",
);
const HOLD_NOT_OPEN: Row = conflict("hold_not_open", "该笔核销已处理，无需重复操作，请刷新列表");
const REVIEWER_INVOLVED: Row = conflict(
    "reviewer_involved",
    "您是这笔核销的当事人，请交由其他工作人员复核",
);
const ALREADY_SETTLED: Row = conflict(
    "already_settled",
    "该笔核销已进入结算，不能撤销，请联系工会在下一期调整",
);

impl From<VoucherError> for Problem {
    fn from(error: VoucherError) -> Self {
        match error {
            VoucherError::DistributedOtherwise(distribution) => distributed(distribution).into(),
            VoucherError::EntriesClosed => ENTRIES_CLOSED.into(),
            VoucherError::EnteredBefore => ENTERED_BEFORE.into(),
            VoucherError::RecallRefused(status) => {
                in_state(status, "recall_refused", recall_refused(status))
            }
            VoucherError::BatchState(status) => {
                in_state(status, "batch_state_conflict", batch_state(status))
            }
            VoucherError::SamePerson => SAME_PERSON.into(),
            VoucherError::QuotaChanged { in_force } => {
                Self::from(QUOTA_CHANGED).with("current", in_force)
            }
            VoucherError::QuotaBelowIssued { issued } => {
                Self::from(QUOTA_BELOW_ISSUED).with("issued", issued)
            }
            VoucherError::BudgetChanged { in_force } => {
                Self::from(BUDGET_CHANGED).with("current", in_force.get())
            }
            VoucherError::BudgetBelowUsed { used } => {
                Self::from(BUDGET_BELOW_USED).with("usedFen", used.get())
            }
            VoucherError::BatchUnfinished(left) => Self::from(BATCH_UNFINISHED)
                .with("live", left.live)
                .with("reservedFen", left.reserved_fen)
                .with("unsettled", left.unsettled)
                .with("running", left.running),
            VoucherError::ChangedMeanwhile => CHANGED_MEANWHILE.into(),
            VoucherError::BatchNotRunning => BATCH_NOT_RUNNING.into(),
            VoucherError::BatchNotOpenYet { from, wait } => not_open_yet(from, wait),
            VoucherError::BatchExhausted => BATCH_EXHAUSTED.into(),
            VoucherError::DailyQuotaExhausted => {
                Self::from(DAILY_QUOTA_EXHAUSTED).with("today", true)
            }
            VoucherError::PersonLimitReached => PERSON_LIMIT_REACHED.into(),
            VoucherError::StandingInsufficient(missing) => insufficient(missing),
            VoucherError::VoucherNotUsable(state) => {
                Self::from(VOUCHER_NOT_USABLE).with("voucherStatus", state.code())
            }
            VoucherError::CodeSecretDelivered => CODE_SECRET_DELIVERED.into(),
            VoucherError::TooManyDevices => TOO_MANY_DEVICES.into(),
            VoucherError::Throttled(wait) => {
                Self::from(THROTTLED).retry_after(wait.as_secs().max(1))
            }
            VoucherError::AlreadyAnnulled => ALREADY_ANNULLED.into(),
            VoucherError::AnnulmentTooLate => ANNULMENT_TOO_LATE.into(),
            VoucherError::HoldNotOpen => HOLD_NOT_OPEN.into(),
            VoucherError::ReviewerInvolved => REVIEWER_INVOLVED.into(),
            VoucherError::AlreadySettled => ALREADY_SETTLED.into(),
            VoucherError::Access(error) => error.into(),
            VoucherError::Task(error) => error.into(),
            VoucherError::Invalid(error) => error.into(),
            VoucherError::Idempotency(error) => error.into(),
            VoucherError::Turned(error) => error.into(),
            VoucherError::Store(error) => error.into(),
        }
    }
}

fn in_state(status: BatchStatus, code: &'static str, detail: &'static str) -> Problem {
    Problem::from((StatusCode::CONFLICT, code, detail)).with("batchStatus", status.code())
}

fn not_open_yet(from: DateTime<Utc>, wait: Duration) -> Problem {
    let at = local_time::rfc3339(from);
    let when = at.get(..16).unwrap_or_default().replace('T', " ");
    let detail = format!("本批次 {when} 开始领取，请到时再来");
    Problem::new(StatusCode::CONFLICT, "batch_not_open_yet", detail)
        .with("claimsFrom", at)
        .retry_after(wait.as_secs() + 1)
}

fn insufficient(missing: Vec<Condition>) -> Problem {
    let first = missing.first().copied().unwrap_or(Condition::Membership);
    let missing: Vec<Value> = missing.into_iter().map(condition).collect();
    let row = (
        StatusCode::FORBIDDEN,
        "standing_insufficient",
        first.how_to(),
    );
    Problem::from(row).with("missing", missing)
}

fn condition(condition: Condition) -> Value {
    json!({ "condition": condition.code(), "howTo": condition.how_to() })
}

const fn distributed(distribution: Distribution) -> Row {
    let detail = match distribution {
        Distribution::FirstCome => "本批次先到先得，请直接领取",
        Distribution::Draw => "本批次以抽签方式发放，请在截止前报名抽签",
        Distribution::Allotment => "本批次由工会自动发放，符合条件即会到账，无需领取",
    };
    (StatusCode::CONFLICT, "distributed_otherwise", detail)
}

const fn recall_refused(status: BatchStatus) -> &'static str {
    match status {
        BatchStatus::Running | BatchStatus::Paused => "收回全部餐券前，请先停止发放该批次",
        BatchStatus::Draft | BatchStatus::Submitted | BatchStatus::Rejected => {
            "批次尚未发放，没有可收回的餐券"
        }
        BatchStatus::Stopped => "该批次目前不能收回，请刷新后重试",
        BatchStatus::Ended | BatchStatus::Closed => "批次已到期，未使用的餐券已失效，无需收回",
    }
}

const fn batch_state(status: BatchStatus) -> &'static str {
    match status {
        BatchStatus::Draft => "批次还是草稿，请先提交审核",
        BatchStatus::Submitted => "批次正在审核，请等待审核结果",
        BatchStatus::Rejected => "批次未通过审核，请新建批次",
        BatchStatus::Running => "批次正在发放，如需修改请先暂停",
        BatchStatus::Paused => "批次已暂停，请先恢复发放",
        BatchStatus::Stopped => "批次已停止发放，如需继续请新建批次",
        BatchStatus::Ended => "批次已到期，如需继续请新建批次",
        BatchStatus::Closed => "批次已结清关闭，如需继续请新建批次",
    }
}
