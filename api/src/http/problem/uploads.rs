use actix_web::http::StatusCode;
use niangjia_domain::uploads::{UploadError, objects::ObjectError};
use niangjia_infra::objects::FormFault;

use super::Problem;

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::ObjectMissing => Self::new(
                StatusCode::CONFLICT,
                "upload_object_missing",
                "照片还没有传上来，请重新上传",
            ),
            UploadError::Expired => Self::new(
                StatusCode::CONFLICT,
                "upload_expired",
                "这次上传已过期，请重新选择照片上传",
            ),
            UploadError::Access(error) => error.into(),
            UploadError::Invalid(error) => error.into(),
            UploadError::Idempotency(error) => error.into(),
            UploadError::Store(error) => error.into(),
            UploadError::Objects(error) => error.into(),
        }
    }
}

impl From<ObjectError> for Problem {
    /// Whatever ails the object store, phones are told the same; the log tells more.
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::NotFound => {
                return Self::new(
                    StatusCode::NOT_FOUND,
                    "not_found",
                    "照片不存在或链接已过期，请返回刷新",
                );
            }
            ObjectError::Unavailable(_) => {
                tracing::warn!(cause = %error, "object store unavailable")
            }
            ObjectError::TooLarge | ObjectError::Misconfigured(_) => {
                tracing::error!(cause = %error, "object store fault");
            }
        }
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "object_store_unavailable",
            "照片服务暂时不可用，请稍后重试",
        )
        .retry_after(5)
    }
}

impl From<FormFault> for Problem {
    fn from(fault: FormFault) -> Self {
        match fault {
            FormFault::Malformed(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "form_malformed",
                "上传的表单不完整，请检查网络后重新上传",
            ),
            FormFault::SignatureDoesNotMatch => Self::new(
                StatusCode::FORBIDDEN,
                "form_signature_mismatch",
                "上传凭证无效，请重新选择照片上传",
            ),
            FormFault::PolicyExpired => Self::new(
                StatusCode::FORBIDDEN,
                "form_expired",
                "上传凭证已过期，请重新选择照片上传",
            ),
            FormFault::PolicyConditionFailed(_) => Self::new(
                StatusCode::FORBIDDEN,
                "form_condition_failed",
                "上传内容与凭证不符，请重新选择照片上传",
            ),
            FormFault::EntityTooSmall => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "file_too_small",
                "照片是空的，请重新选择",
            ),
            FormFault::EntityTooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "file_too_large",
                "照片超过 10 MB，请压缩后重新上传",
            ),
            FormFault::FileAlreadyExists => Self::new(
                StatusCode::CONFLICT,
                "file_exists",
                "这张照片已经传过了，无需重复上传",
            ),
            FormFault::Objects(error) => error.into(),
        }
    }
}
