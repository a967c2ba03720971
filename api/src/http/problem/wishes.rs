use actix_web::http::StatusCode;
use niangjia_domain::{kernel::values::local_time, wishes::WishError};

use super::{Problem, Row, conflict};

const STANDING_INSUFFICIENT: Row = (
    StatusCode::FORBIDDEN,
    "standing_insufficient",
    "加入工会后即可许愿，请先在“一键入会”中完成入会",
);
const LIVE_WISH_EXISTS: Row = conflict(
    "live_wish_exists",
    "您已有一个进行中的心愿，请等它完成，或先撤回再重新许愿",
);
const ALREADY_CLAIMED: Row = conflict(
    "wish_already_claimed",
    "这个心愿刚刚被别人认领了，请看看其他心愿",
);
const OWN_WISH: Row = (
    StatusCode::FORBIDDEN,
    "own_wish",
    "这是您本人的心愿，请由其他人办理",
);
const CLAIM_LIMIT: Row = conflict(
    "claim_limit_reached",
    "您同时认领的心愿已达 5 个，请先完成或取消其中一个",
);
const WISH_STATE: Row = conflict("wish_state_conflict", "心愿的状态已变化，请刷新后查看");
const CLAIM_STATE: Row = conflict("claim_state_conflict", "认领的状态已变化，请刷新后查看");
const CHANGED: Row = conflict("wish_changed", "内容刚刚发生变化，请刷新后重试");
const PICKUP_CODE_LOCKED: Row = (
    StatusCode::TOO_MANY_REQUESTS,
    "pickup_code_locked",
    "取件码多次输入错误，请稍后再试，或请职工打开“我的心愿”核对",
);
const HANDOVER_BY_DONOR: Row = (
    StatusCode::FORBIDDEN,
    "handover_by_donor",
    "这是您本人认领的心愿，请由驿站其他工作人员交接",
);
const ALREADY_REPORTED: Row = conflict("wish_already_reported", "您已反映过这个心愿，工会正在核实");
const TEXT_CHECK_UNAVAILABLE: Row = (
    StatusCode::SERVICE_UNAVAILABLE,
    "text_check_unavailable",
    "内容安全检测暂时繁忙，请稍后重新提交",
);

impl From<WishError> for Problem {
    fn from(error: WishError) -> Self {
        match error {
            WishError::StandingInsufficient => STANDING_INSUFFICIENT.into(),
            WishError::LiveWishExists => LIVE_WISH_EXISTS.into(),
            WishError::CoolingOff { until } => Self::new(
                StatusCode::CONFLICT,
                "wish_cooling_off",
                format!(
                    "上一个心愿刚刚达成，{} 之后可以再次许愿",
                    local_time::date_of(until).format("%Y年%m月%d日")
                ),
            )
            .with("availableAt", local_time::rfc3339(until)),
            WishError::AlreadyClaimed => ALREADY_CLAIMED.into(),
            WishError::OwnWish => OWN_WISH.into(),
            WishError::ClaimLimit => CLAIM_LIMIT.into(),
            WishError::WishState { from } => Self::from(WISH_STATE).with("wishStatus", from.code()),
            WishError::ClaimState { from } => {
                Self::from(CLAIM_STATE).with("claimStatus", from.code())
            }
            WishError::Changed => CHANGED.into(),
            WishError::PickupCodeWrong { attempts_left } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "pickup_code_wrong",
                format!("取件码不正确，请与职工核对后重新输入，还可尝试 {attempts_left} 次"),
            )
            .with("attemptsLeft", attempts_left),
            WishError::PickupCodeLocked { wait_s } => {
                Self::from(PICKUP_CODE_LOCKED).retry_after(wait_s)
            }
            WishError::HandoverByDonor => HANDOVER_BY_DONOR.into(),
            WishError::AlreadyReported => ALREADY_REPORTED.into(),
            WishError::TextCheckUnavailable => Self::from(TEXT_CHECK_UNAVAILABLE).retry_after(10),
            WishError::Photos(error) => error.into(),
            WishError::Access(error) => error.into(),
            WishError::Task(error) => error.into(),
            WishError::Invalid(error) => error.into(),
            WishError::Idempotency(error) => error.into(),
            WishError::Store(error) => error.into(),
        }
    }
}
