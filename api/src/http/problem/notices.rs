use niangjia_domain::notices::NoticeError;

use super::Problem;

impl From<NoticeError> for Problem {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::Access(error) => error.into(),
            NoticeError::Store(error) => error.into(),
        }
    }
}
