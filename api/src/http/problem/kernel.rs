//! The errors that every context can meet: access, input, repetition, storage.

use actix_web::http::StatusCode;
use niangjia_domain::{
    kernel::{AccessError, IdempotencyError, Invalid, Turned},
    store::StoreError,
};

use super::Problem;

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::SignedOut => Self::sign_in_first(),
            AccessError::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "您的账号没有此项权限，如有需要请联系所属工会开通",
            ),
            AccessError::NotFound => Self::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "没有找到相关内容，请返回列表刷新后重试",
            ),
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_fields",
            "部分内容填写有误，请按提示修改后重新提交",
        )
        .with_errors(invalid.errors)
    }
}

impl From<IdempotencyError> for Problem {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "该请求标识已用于其他内容，请返回后重新操作",
            ),
            IdempotencyError::InFlight => Self::new(
                StatusCode::CONFLICT,
                "request_in_flight",
                "上一次提交正在处理，请稍候再试",
            )
            .retry_after(1),
        }
    }
}

impl From<Turned> for Problem {
    fn from(error: Turned) -> Self {
        match error {
            Turned::Full => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "现在人很多，请稍等一秒再试",
            )
            .retry_after(1),
            // The panic was logged where it happened.
            Turned::Lost => Self::internal(),
            Turned::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    /// Server faults show nothing and are logged once, with their chain.
    fn from(error: StoreError) -> Self {
        let chain = chain_of(&error);
        match error {
            StoreError::Unavailable(_) => {
                tracing::warn!(cause = %chain, "database unavailable");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database_unavailable",
                    "系统繁忙，请稍后重试",
                )
                .retry_after(2)
            }
            StoreError::Locked { .. } => {
                tracing::warn!(cause = %chain, "a row is locked elsewhere");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database_unavailable",
                    "系统繁忙，请稍后重试",
                )
                .retry_after(2)
            }
            StoreError::Conflict { .. } => {
                tracing::warn!(cause = %chain, "unclaimed conflict");
                Self::new(
                    StatusCode::CONFLICT,
                    "conflict",
                    "内容刚刚发生变化，请刷新后重试",
                )
            }
            StoreError::Corrupt { .. } | StoreError::Failed(_) => {
                tracing::error!(cause = %chain, "store fault");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// No token, a bad one, or one of a session that is over.
    pub fn sign_in_first() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "登录已失效，请重新登录",
        )
    }

    /// Our own fault. Says nothing about it; the log does.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "系统出现异常，我们已记录，请稍后重试；如仍无法使用，请联系所属工会",
        )
    }
}

fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
