use std::time::Duration;

use actix_web::http::StatusCode;
use niangjia_domain::identity::{IdentityError, wechat::WechatError};

use super::Problem;

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Access(error) => error.into(),
            IdentityError::Invalid(error) => error.into(),
            IdentityError::Wechat(error) => error.into(),
            IdentityError::Store(error) => error.into(),
            IdentityError::SignInCodeRefused => refused(
                "wechat_code_refused",
                "微信登录凭证已失效，请重新进入小程序登录",
            ),
            IdentityError::Unauthenticated => refused("unauthenticated", "登录已失效，请重新登录"),
            IdentityError::RefreshRefused => {
                refused("refresh_token_refused", "登录已过期，请重新登录")
            }
            IdentityError::RefreshReused => refused(
                "refresh_token_reused",
                "登录凭证被重复使用，为保护您的账号已退出，请重新登录",
            ),
            IdentityError::CredentialsRefused => refused(
                "credentials_refused",
                "用户名、密码或动态验证码不正确，请核对后重试",
            ),
            IdentityError::TotpRequired => {
                refused("totp_required", "请输入身份验证器中的 6 位动态验证码")
            }
            IdentityError::Locked { retry_after } => throttled(
                "account_locked",
                "多次输入错误，账号已暂时锁定，请稍后再试",
                retry_after,
            ),
            IdentityError::TooOften { retry_after } => {
                throttled("too_many_requests", "登录过于频繁，请稍后再试", retry_after)
            }
            IdentityError::InvitationUnknown => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invitation_unknown",
                "邀请码有误，请核对后重新输入",
            ),
            IdentityError::InvitationExpired => conflict(
                "invitation_expired",
                "邀请码已过期，请联系邀请您的工会重新发送",
            ),
            IdentityError::InvitationUsed => conflict(
                "invitation_used",
                "邀请码已被使用，请联系邀请您的工会重新发送",
            ),
            IdentityError::UsernameTaken => conflict("username_taken", "用户名已被占用，请换一个"),
            IdentityError::TotpAlreadyConfirmed => conflict(
                "totp_already_confirmed",
                "已启用动态验证码；如需更换，请联系管理员",
            ),
            IdentityError::TotpNotStarted => {
                conflict("totp_not_started", "请先获取动态验证码密钥，再进行确认")
            }
            IdentityError::TotpRefused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "totp_refused",
                "动态验证码不正确，请等待新的验证码后重试，并检查手机时间",
            ),
            IdentityError::Token(error) => fault(&error),
            IdentityError::Hashing(error) => fault(&error),
        }
    }
}

impl From<WechatError> for Problem {
    fn from(error: WechatError) -> Self {
        match error {
            WechatError::CodeRefused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "wechat_code_refused",
                "微信授权已失效，请重新点击授权",
            ),
            WechatError::UserBlocked => Self::new(
                StatusCode::FORBIDDEN,
                "wechat_user_blocked",
                "微信限制了该账号，请在微信中解除限制后再试，或到就近驿站办理",
            ),
            WechatError::ForeignPhone => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "phone_not_mainland",
                "目前只支持中国大陆手机号，请在微信中更换手机号后重试",
            ),
            WechatError::TooOften { retry_after_s } => throttled(
                "wechat_too_often",
                "微信提示操作过于频繁，请稍后再试",
                Duration::from_secs(retry_after_s),
            ),
            WechatError::Unavailable(cause) => {
                tracing::warn!(%cause, "wechat unavailable");
                wechat_away()
            }
            WechatError::Misconfigured(cause) => {
                tracing::error!(%cause, "wechat refuses this installation");
                wechat_away()
            }
        }
    }
}

fn refused(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail)
}

fn conflict(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, detail)
}

fn throttled(code: &'static str, detail: &str, wait: Duration) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, code, detail).retry_after(wait.as_secs().max(1))
}

fn wechat_away() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "wechat_unavailable",
        "微信服务暂时不可用，请稍后重试",
    )
    .retry_after(5)
}

fn fault(error: &dyn std::error::Error) -> Problem {
    tracing::error!(cause = %error, "identity fault");
    Problem::internal()
}
