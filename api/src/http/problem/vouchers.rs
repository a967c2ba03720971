//! Why there is no voucher, no code, no meal. The reasons of a refused scan are a table of their
//! own.

use actix_web::http::StatusCode;
use niangjia_domain::{
    kernel::values::local_time,
    vouchers::{
        PriorUse, VoucherError,
        batches::{
            batch::BatchStatus,
            rules::{Distribution, eligibility::Condition},
        },
        scans::refusal::Refusal,
    },
};
use serde_json::{Value, json};

use super::Problem;

impl From<VoucherError> for Problem {
    fn from(error: VoucherError) -> Self {
        let conflict = |code, detail: &str| Self::new(StatusCode::CONFLICT, code, detail);
        match error {
            VoucherError::DistributedOtherwise(distribution) => {
                conflict("distributed_otherwise", distributed(distribution))
            }
            VoucherError::EntriesClosed => {
                conflict("entries_closed", "抽签报名已截止，请留意下一批次")
            }
            VoucherError::EnteredBefore => {
                conflict("entered_before", "您已报名本批次的抽签，请等待结果")
            }
            VoucherError::RecallRefused(status) => {
                conflict("recall_refused", recall_refused(status))
                    .with("batchStatus", status.code())
            }
            VoucherError::BatchState(status) => {
                conflict("batch_state_conflict", batch_state(status))
                    .with("batchStatus", status.code())
            }
            VoucherError::SamePerson => {
                conflict("same_person", "批次须由另一位工作人员审核，请交由同事办理")
            }
            VoucherError::QuotaChanged { in_force } => conflict(
                "quota_changed",
                "发放总量刚刚被修改，请刷新后按最新数量重新填写",
            )
            .with("current", in_force),
            VoucherError::QuotaBelowIssued { issued } => conflict(
                "quota_below_issued",
                "发放总量不能低于已发放的数量，请重新填写",
            )
            .with("issued", issued),
            VoucherError::BudgetChanged { in_force } => conflict(
                "budget_changed",
                "预算刚刚被修改，请刷新后按最新金额重新填写",
            )
            .with("current", in_force.get()),
            VoucherError::BudgetBelowUsed { used } => conflict(
                "budget_below_used",
                "预算不能低于已占用和已支出的金额，请重新填写",
            )
            .with("usedFen", used.get()),
            VoucherError::BatchUnfinished(left) => conflict(
                "batch_unfinished",
                "批次还有未使用的餐券或未结算的核销，请全部了结后再关闭",
            )
            .with("live", left.live)
            .with("reservedFen", left.reserved_fen)
            .with("unsettled", left.unsettled)
            .with("running", left.running),
            VoucherError::ChangedMeanwhile => {
                conflict("voucher_changed", "内容刚刚发生变化，请刷新后重试")
            }
            VoucherError::BatchNotRunning => conflict(
                "batch_not_running",
                "该批次目前未在发放，请查看其他可领取的批次",
            ),
            VoucherError::BatchNotOpenYet { from, wait } => {
                let at = local_time::rfc3339(from);
                let when = at.get(..16).unwrap_or_default().replace('T', " ");
                conflict(
                    "batch_not_open_yet",
                    &format!("本批次 {when} 开始领取，请到时再来"),
                )
                .with("claimsFrom", at)
                .retry_after(wait.as_secs() + 1)
            }
            VoucherError::BatchExhausted => {
                conflict("batch_exhausted", "本批次已领完，请留意下一批次")
            }
            VoucherError::DailyQuotaExhausted => {
                conflict("batch_exhausted", "今日份额已领完，请明天再来").with("today", true)
            }
            VoucherError::PersonLimitReached => conflict(
                "person_limit_reached",
                "您已领满本批次的数量，可在“我的餐券”中查看",
            ),
            VoucherError::StandingInsufficient(missing) => {
                let detail = missing
                    .first()
                    .map_or(Condition::Membership.how_to(), |condition| {
                        condition.how_to()
                    });
                let missing: Vec<Value> = missing.into_iter().map(condition).collect();
                Self::new(StatusCode::FORBIDDEN, "standing_insufficient", detail)
                    .with("missing", missing)
            }
            VoucherError::VoucherNotUsable(state) => conflict(
                "voucher_not_usable",
                "这张餐券已不能使用，请在“我的餐券”中选择其他餐券",
            )
            .with("voucherStatus", state.code()),
            VoucherError::CodeSecretDelivered => conflict(
                "code_secret_delivered",
                "本机已领取过该餐券的密钥；如已丢失，请改用联网方式显示餐券码",
            ),
            VoucherError::TooManyDevices => conflict(
                "too_many_devices",
                "该餐券绑定的手机过多，请改用联网方式显示餐券码",
            ),
            VoucherError::Throttled(wait) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_codes",
                "操作过于频繁，请稍候再试",
            )
            .retry_after(wait.as_secs().max(1)),
            VoucherError::AlreadyAnnulled => {
                conflict("already_annulled", "该笔核销已撤销，无需重复操作")
            }
            VoucherError::AnnulmentTooLate => conflict(
                "annulment_too_late",
                "核销已超过 15 分钟，不能撤销，请联系工会在结算时调整",
            ),
            VoucherError::HoldNotOpen => {
                conflict("hold_not_open", "该笔核销已处理，无需重复操作，请刷新列表")
            }
            VoucherError::ReviewerInvolved => conflict(
                "reviewer_involved",
                "您是这笔核销的当事人，请交由其他工作人员复核",
            ),
            VoucherError::AlreadySettled => conflict(
                "already_settled",
                "该笔核销已进入结算，不能撤销，请联系工会在下一期调整",
            ),
            VoucherError::Access(error) => error.into(),
            VoucherError::Invalid(error) => error.into(),
            VoucherError::Idempotency(error) => error.into(),
            VoucherError::Turned(error) => error.into(),
            VoucherError::Store(error) => error.into(),
        }
    }
}

fn condition(condition: Condition) -> Value {
    json!({ "condition": condition.code(), "howTo": condition.how_to() })
}

const fn distributed(distribution: Distribution) -> &'static str {
    match distribution {
        Distribution::FirstCome => "本批次先到先得，请直接领取",
        Distribution::Draw => "本批次以抽签方式发放，请在截止前报名抽签",
        Distribution::Allotment => "本批次由工会自动发放，符合条件即会到账，无需领取",
    }
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

impl Problem {
    /// A refused scan: one big word for staff, one sentence for what to do.
    pub fn refused_scan(reason: Refusal, used: Option<&PriorUse>) -> Self {
        let problem = Self::new(scan_status(reason), reason.code(), scan_detail(reason));
        let Some(used) = used else { return problem };
        let at = local_time::rfc3339(used.at);
        let when = at.get(..16).unwrap_or_default().replace('T', " ");
        let detail = format!(
            "餐券已于 {when} 在{}使用，请职工出示其他餐券",
            used.station_name
        );
        Self { detail, ..problem }
            .with("usedAt", at)
            .with("stationId", used.station_id.to_string())
            .with("stationName", used.station_name.as_str())
    }
}

/// 409 for states and races, 422 for codes, 403 for staff.
const fn scan_status(reason: Refusal) -> StatusCode {
    match reason {
        Refusal::StaffNotBound | Refusal::DeviceRevoked => StatusCode::FORBIDDEN,
        Refusal::ClockSkew
        | Refusal::InvalidCode
        | Refusal::CodeExpired
        | Refusal::CodeReplayed => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::AlreadyRedeemed
        | Refusal::WrongStation
        | Refusal::StationClosed
        | Refusal::OutsideMealWindow
        | Refusal::PersonMealLimit
        | Refusal::NotYetValid
        | Refusal::BatchPaused
        | Refusal::StandingInsufficient
        | Refusal::Expired
        | Refusal::Deactivated => StatusCode::CONFLICT,
    }
}

const fn scan_detail(reason: Refusal) -> &'static str {
    match reason {
        Refusal::StaffNotBound => "您未绑定该驿站，请在绑定的驿站核销，或联系工会办理绑定",
        Refusal::DeviceRevoked => "该设备已停用，请换用其他设备，或联系工会",
        Refusal::ClockSkew => "设备时间不准，请打开“自动设置时间”后重试",
        Refusal::InvalidCode => "不是有效的餐券码，请职工打开“我的餐券”重新出示",
        Refusal::AlreadyRedeemed => "餐券已使用，请职工出示其他餐券",
        Refusal::CodeExpired => "餐券码已过期，请职工刷新后重新出示",
        Refusal::CodeReplayed => "该餐券码已用过，请职工等待刷新后重新出示",
        Refusal::WrongStation => "该餐券不能在本驿站使用，请职工查看餐券上的适用驿站",
        Refusal::StationClosed => "驿站当前不在营业时间，请在营业时间内核销",
        Refusal::OutsideMealWindow => "当前不在就餐时段，请职工在餐券注明的时段前来",
        Refusal::PersonMealLimit => "该职工本时段已用过餐券，请在下一个就餐时段使用",
        Refusal::NotYetValid => "餐券尚未生效，请职工在生效日期后使用",
        Refusal::BatchPaused => "该批次已暂停，请稍后再试或联系工会",
        Refusal::StandingInsufficient => "职工目前不符合使用条件，请其联系所属工会核对会籍",
        Refusal::Expired => "餐券已过期，请职工出示其他餐券",
        Refusal::Deactivated => "餐券已停用，请职工联系所属工会",
    }
}
