use actix_web::http::StatusCode;
use niangjia_domain::checkups::{CheckupError, bookings::booking::BookingStatus};

use super::Problem;

impl From<CheckupError> for Problem {
    fn from(error: CheckupError) -> Self {
        let forbidden = |code, detail| Self::new(StatusCode::FORBIDDEN, code, detail);
        let conflict = |code, detail| Self::new(StatusCode::CONFLICT, code, detail);
        let wrong = |code, detail| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
        match error {
            CheckupError::Access(error) => error.into(),
            CheckupError::Invalid(error) => error.into(),
            CheckupError::Idempotency(error) => error.into(),
            CheckupError::Store(error) => error.into(),
            CheckupError::NotAMember => forbidden(
                "standing_insufficient",
                "体检仅面向正式会员，请先在首页“一键入会”，审核通过后即可预约",
            ),
            CheckupError::InThePool => forbidden(
                "standing_insufficient",
                "您目前是周转库中的预备会员，基层工会审核通过转为正式会员后即可预约，审核进度可在“我的会籍”查看",
            ),
            CheckupError::SlotFull => conflict("slot_full", "该时段名额已满，请选择其他时段或场次"),
            CheckupError::SlotOver => conflict("slot_over", "该时段已经结束，请选择其他时段或场次"),
            CheckupError::AlreadyBooked => conflict(
                "already_booked",
                "您已预约过本次活动，可在“我的预约”查看；如需更换时段，请先取消原预约",
            ),
            CheckupError::NotEligibleThisYear { year } => Self::new(
                StatusCode::CONFLICT,
                "not_eligible_this_year",
                format!("{year} 年度的体检已经完成，每人每年一次，请明年再来预约"),
            ),
            CheckupError::TooLateToCancel => conflict(
                "too_late_to_cancel",
                "距离开始已不足 24 小时，不能自行取消；如确实无法前往，请联系所属工会",
            ),
            CheckupError::WrongState { is } => wrong_state(is),
            CheckupError::ConsentWithdrawn => conflict(
                "consent_withdrawn",
                "本人已撤回健康信息处理同意，请其在小程序重新同意后再签到",
            ),
            CheckupError::CodeInvalid => {
                wrong("code_invalid", "签到码无效，请让本人打开“我的预约”重新出示")
            }
            CheckupError::CodeExpired => wrong(
                "code_expired",
                "签到码已过期，请让本人刷新“我的预约”后重新出示",
            ),
            CheckupError::WrongSession => wrong(
                "wrong_session",
                "这是其他场次的签到码，请核对预约的日期和地点，或请本人改约本场次",
            ),
            CheckupError::CheckInClosed => conflict(
                "check_in_closed",
                "现在不是本场次的签到时间，签到从前一天零点开放到当天结束",
            ),
            CheckupError::ClockSkew => {
                wrong("clock_skew", "扫码时间不对，请校准设备时间后重新扫码")
            }
        }
    }
}

fn wrong_state(is: BookingStatus) -> Problem {
    let (code, detail) = match is {
        BookingStatus::Booked => ("not_checked_in", "本人还没有签到，请先扫签到码"),
        BookingStatus::CheckedIn => ("already_checked_in", "该预约已经签到，请按现场安排完成体检"),
        BookingStatus::Completed => ("already_completed", "该预约的体检已经完成，无需重复操作"),
        BookingStatus::Cancelled => ("booking_cancelled", "该预约已经取消，如仍需体检请重新预约"),
    };
    Problem::new(StatusCode::CONFLICT, code, detail)
}
