//! Why a station cannot go on without a network.

use actix_web::http::StatusCode;
use niangjia_domain::vouchers::offline::OfflineError;

use super::Problem;

impl From<OfflineError> for Problem {
    fn from(error: OfflineError) -> Self {
        let conflict = |code, detail: &str| Self::new(StatusCode::CONFLICT, code, detail);
        match error {
            OfflineError::TooManyDevices => conflict(
                "too_many_station_devices",
                "驿站登记的设备已达上限，请先停用不再使用的设备",
            ),
            OfflineError::DeviceUnknown => conflict(
                "station_device_unknown",
                "该设备尚未在驿站登记，请先登记后重试",
            ),
            OfflineError::DeviceRevoked => Self::new(
                StatusCode::FORBIDDEN,
                "device_revoked",
                "该设备已停用，请换用其他设备或重新登记",
            ),
            OfflineError::NothingOwed => conflict(
                "nothing_owed",
                "该设备没有待上传的记录，结算不受影响，无需处理",
            ),
            OfflineError::AlreadyResolved => {
                conflict("dispute_resolved", "该笔核销已处理，请刷新列表")
            }
            OfflineError::StillDisputed(reason) => {
                conflict("still_disputed", "重新核验后仍不符合核销条件，请认可或驳回")
                    .with("reason", reason.code())
            }
            OfflineError::NothingToHonour => conflict(
                "nothing_to_honour",
                "餐券码不对应任何餐券，无法认可，请核实后驳回",
            ),
            OfflineError::NoBudget => conflict(
                "budget_exhausted",
                "该批次预算余额不足，请先追加预算后再认可",
            ),
            OfflineError::ChangedMeanwhile => {
                conflict("device_changed", "内容刚刚发生变化，请刷新后重试")
            }
            OfflineError::Access(error) => error.into(),
            OfflineError::Task(error) => error.into(),
            OfflineError::Invalid(error) => error.into(),
            OfflineError::Idempotency(error) => error.into(),
            OfflineError::Store(error) => error.into(),
        }
    }
}
