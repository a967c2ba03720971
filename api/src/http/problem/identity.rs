use std::time::Duration;

use actix_web::http::StatusCode;
use niangjia_domain::identity::{IdentityError, wechat::WechatError};

use super::{Problem, Row, conflict};

const SIGN_IN_CODE_REFUSED: Row = (
    StatusCode::UNAUTHORIZED,
    "wechat_code_refused",
    "微信登录凭证已失效，请重新进入小程序登录",
);
const UNAUTHENTICATED: Row = (
    StatusCode::UNAUTHORIZED,
    "unauthenticated",
    "登录已失效，请重新登录",
);
const REFRESH_REFUSED: Row = (
    StatusCode::UNAUTHORIZED,
    "refresh_token_refused",
    "登录已过期，请重新登录",
);
const REFRESH_REUSED: Row = (
    StatusCode::UNAUTHORIZED,
    "refresh_token_reused",
    "登录凭证被重复使用，为保护您的账号已退出，请重新登录",
);
const CREDENTIALS_REFUSED: Row = (
    StatusCode::UNAUTHORIZED,
    "credentials_refused",
    "用户名、密码或动态验证码不正确，请核对后重试",
);
const TOTP_REQUIRED: Row = (
    StatusCode::UNAUTHORIZED,
    "totp_required",
    "请输入身份验证器中的 6 位动态验证码",
);
const INVITATION_UNKNOWN: Row = (
    StatusCode::UNPROCESSABLE_ENTITY,
    "invitation_unknown",
    "邀请码有误，请核对后重新输入",
);
const INVITATION_EXPIRED: Row = conflict(
    "invitation_expired",
    "邀请码已过期，请联系邀请您的工会重新发送",
);
const INVITATION_USED: Row = conflict(
    "invitation_used",
    "邀请码已被使用，请联系邀请您的工会重新发送",
);
const USERNAME_TAKEN: Row = conflict("username_taken", "用户名已被占用，请换一个");
const TOTP_ALREADY_CONFIRMED: Row = conflict(
    "totp_already_confirmed",
    "已启用动态验证码；如需更换，请联系管理员",
);
const TOTP_NOT_STARTED: Row = conflict("totp_not_started", "请先获取动态验证码密钥，再进行确认");
const TOTP_REFUSED: Row = (
    StatusCode::UNPROCESSABLE_ENTITY,
    "totp_refused",
    "动态验证码不正确，请等待新的验证码后重试，并检查手机时间",
);

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Access(error) => error.into(),
            IdentityError::Invalid(error) => error.into(),
            IdentityError::Wechat(error) => error.into(),
            IdentityError::Store(error) => error.into(),
            IdentityError::SignInCodeRefused => SIGN_IN_CODE_REFUSED.into(),
            IdentityError::Unauthenticated => UNAUTHENTICATED.into(),
            IdentityError::RefreshRefused => REFRESH_REFUSED.into(),
            IdentityError::RefreshReused => REFRESH_REUSED.into(),
            IdentityError::CredentialsRefused => CREDENTIALS_REFUSED.into(),
            IdentityError::TotpRequired => TOTP_REQUIRED.into(),
            IdentityError::Locked { retry_after } => throttled(
                "account_locked",
                "多次输入错误，账号已暂时锁定，请稍后再试",
                retry_after,
            ),
            IdentityError::TooOften { retry_after } => {
                throttled("too_many_requests", "登录过于频繁，请稍后再试", retry_after)
            }
            IdentityError::InvitationUnknown => INVITATION_UNKNOWN.into(),
            IdentityError::InvitationExpired => INVITATION_EXPIRED.into(),
            IdentityError::InvitationUsed => INVITATION_USED.into(),
            IdentityError::UsernameTaken => USERNAME_TAKEN.into(),
            IdentityError::TotpAlreadyConfirmed => TOTP_ALREADY_CONFIRMED.into(),
            IdentityError::TotpNotStarted => TOTP_NOT_STARTED.into(),
            IdentityError::TotpRefused => TOTP_REFUSED.into(),
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
