use niangjia_domain::audit::AuditError;

use super::Problem;

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Access(error) => error.into(),
            AuditError::Store(error) => error.into(),
        }
    }
}
