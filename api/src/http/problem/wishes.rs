use actix_web::http::StatusCode;
use niangjia_domain::{kernel::values::local_time, wishes::WishError};

use super::Problem;

impl From<WishError> for Problem {
    fn from(error: WishError) -> Self {
        match error {
            WishError::StandingInsufficient => Self::new(
                StatusCode::FORBIDDEN,
                "standing_insufficient",
                "加入工会后即可许愿，请先在“一键入会”中完成入会",
            ),
            WishError::LiveWishExists => Self::new(
                StatusCode::CONFLICT,
                "live_wish_exists",
                "您已有一个进行中的心愿，请等它完成，或先撤回再重新许愿",
            ),
            WishError::CoolingOff { until } => Self::new(
                StatusCode::CONFLICT,
                "wish_cooling_off",
                format!(
                    "上一个心愿刚刚达成，{} 之后可以再次许愿",
                    local_time::date_of(until).format("%Y年%m月%d日")
                ),
            )
            .with("availableAt", local_time::rfc3339(until)),
            WishError::AlreadyClaimed => Self::new(
                StatusCode::CONFLICT,
                "wish_already_claimed",
                "这个心愿刚刚被别人认领了，请看看其他心愿",
            ),
            WishError::OwnWish => Self::new(
                StatusCode::FORBIDDEN,
                "own_wish",
                "这是您本人的心愿，请由其他人办理",
            ),
            WishError::ClaimLimit => Self::new(
                StatusCode::CONFLICT,
                "claim_limit_reached",
                "您同时认领的心愿已达 5 个，请先完成或取消其中一个",
            ),
            WishError::WishState { from } => Self::new(
                StatusCode::CONFLICT,
                "wish_state_conflict",
                "心愿的状态已变化，请刷新后查看",
            )
            .with("wishStatus", from.code()),
            WishError::ClaimState { from } => Self::new(
                StatusCode::CONFLICT,
                "claim_state_conflict",
                "认领的状态已变化，请刷新后查看",
            )
            .with("claimStatus", from.code()),
            WishError::Changed => Self::new(
                StatusCode::CONFLICT,
                "wish_changed",
                "内容刚刚发生变化，请刷新后重试",
            ),
            WishError::PickupCodeWrong { attempts_left } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "pickup_code_wrong",
                format!("取件码不正确，请与职工核对后重新输入，还可尝试 {attempts_left} 次"),
            )
            .with("attemptsLeft", attempts_left),
            WishError::PickupCodeLocked { wait_s } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "pickup_code_locked",
                "取件码多次输入错误，请稍后再试，或请职工打开“我的心愿”核对",
            )
            .retry_after(wait_s),
            WishError::HandoverByDonor => Self::new(
                StatusCode::FORBIDDEN,
                "handover_by_donor",
                "这是您本人认领的心愿，请由驿站其他工作人员交接",
            ),
            WishError::AlreadyReported => Self::new(
                StatusCode::CONFLICT,
                "wish_already_reported",
                "您已反映过这个心愿，工会正在核实",
            ),
            WishError::TextCheckUnavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "text_check_unavailable",
                "内容安全检测暂时繁忙，请稍后重新提交",
            )
            .retry_after(10),
            WishError::Photos(error) => error.into(),
            WishError::Access(error) => error.into(),
            WishError::Invalid(error) => error.into(),
            WishError::Idempotency(error) => error.into(),
            WishError::Store(error) => error.into(),
        }
    }
}
