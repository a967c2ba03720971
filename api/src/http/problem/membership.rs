use actix_web::http::StatusCode;
use niangjia_domain::membership::MembershipError;

use super::Problem;

impl From<MembershipError> for Problem {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::Access(error) => error.into(),
            MembershipError::Task(error) => error.into(),
            MembershipError::Invalid(error) => error.into(),
            MembershipError::Idempotency(error) => error.into(),
            MembershipError::Store(error) => error.into(),
            MembershipError::Wechat(error) => error.into(),
            MembershipError::AlreadyMember => conflict(
                "already_member",
                "您已入会或已有入会申请，请在“我的会籍”中查看",
            ),
            MembershipError::PhoneInUse => {
                conflict("phone_in_use", "该手机号正在办理其他入会申请，请稍后重试")
            }
            MembershipError::AccountOfAnother => conflict(
                "account_of_another_person",
                "当前微信账号已绑定其他人的身份，请核对姓名和身份证号，或换用本人微信登录",
            ),
            MembershipError::Transition(_) => conflict(
                "membership_state_conflict",
                "当前会籍状态不能进行此操作，请刷新后查看最新状态",
            ),
            MembershipError::ChangedMeanwhile => conflict(
                "membership_changed",
                "该会籍刚刚被其他人处理，请刷新后查看最新状态",
            ),
            MembershipError::ConsentNeeded => conflict(
                "consent_needed_by_membership",
                "会籍有效期间需要这项同意；如需撤回，请先办理退会",
            ),
            MembershipError::UnionExists => conflict(
                "union_exists",
                "已有同名工会，或该地区已有周转库，请核对后重试",
            ),
            MembershipError::OwnApplication => Self::new(
                StatusCode::FORBIDDEN,
                "own_application",
                "不能审核自己的入会申请，请由其他工会干部处理",
            ),
            MembershipError::NoMembership => Self::new(
                StatusCode::NOT_FOUND,
                "no_membership",
                "您还不是会员，请先在首页申请入会",
            ),
            MembershipError::CardRefused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "card_refused",
                "会员码无效或已过期，请职工刷新会员卡后重新出示",
            ),
            MembershipError::TooMany { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_reveals",
                "查看次数过多，请稍后再试",
            )
            .retry_after(retry_after.as_secs().max(1)),
        }
    }
}

fn conflict(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, detail)
}
