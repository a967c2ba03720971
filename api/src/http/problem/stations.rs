use actix_web::http::StatusCode;
use niangjia_domain::stations::StationError;

use super::Problem;

impl From<StationError> for Problem {
    fn from(error: StationError) -> Self {
        match error {
            StationError::NameTaken => Self::new(
                StatusCode::CONFLICT,
                "station_name_taken",
                "本区县已有同名驿站，请核对后换一个名称",
            ),
            StationError::Access(error) => error.into(),
            StationError::Invalid(error) => error.into(),
            StationError::Idempotency(error) => error.into(),
            StationError::Store(error) => error.into(),
        }
    }
}
