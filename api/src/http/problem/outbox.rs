use actix_web::http::StatusCode;
use niangjia_domain::outbox::OutboxError;

use super::Problem;

impl From<OutboxError> for Problem {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::NotDead => Self::new(
                StatusCode::CONFLICT,
                "not_a_dead_letter",
                "该消息已送达或正在重新发送，请刷新列表查看",
            ),
            OutboxError::Access(error) => error.into(),
            OutboxError::Store(error) => error.into(),
        }
    }
}
