//! Why a scan is refused: status and next step of each reason, in the words of the staff who scan.

use actix_web::http::StatusCode;
use niangjia_domain::{
    kernel::values::local_time,
    vouchers::{PriorUse, scans::refusal::Refusal},
};

use crate::http::problem::Problem;

impl Problem {
    /// A refused scan: one big word for staff, one sentence for what to do.
    pub fn refused_scan(reason: Refusal, used: Option<&PriorUse>) -> Self {
        let problem = Self::new(scan_status(reason), reason.code(), scan_detail(reason));
        let Some(used) = used else { return problem };
        let at = local_time::rfc3339(used.at);
        let when = at.get(..16).unwrap_or_default().replace('T', " ");
        let detail = format!(
            "餐券已于 {when} 在{}使用，请职工出示其他餐券",
            used.station_name
        );
        Self { detail, ..problem }
            .with("usedAt", at)
            .with("stationId", used.station_id.to_string())
            .with("stationName", used.station_name.as_str())
    }
}

/// 409 for states and races, 422 for codes, 403 for staff.
const fn scan_status(reason: Refusal) -> StatusCode {
    match reason {
        Refusal::StaffNotBound | Refusal::DeviceRevoked => StatusCode::FORBIDDEN,
        Refusal::ClockSkew
        | Refusal::InvalidCode
        | Refusal::CodeExpired
        | Refusal::CodeReplayed => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::AlreadyRedeemed
        | Refusal::WrongStation
        | Refusal::StationClosed
        | Refusal::OutsideMealWindow
        | Refusal::PersonMealLimit
        | Refusal::NotYetValid
        | Refusal::BatchPaused
        | Refusal::StandingInsufficient
        | Refusal::Expired
        | Refusal::Deactivated => StatusCode::CONFLICT,
    }
}

const fn scan_detail(reason: Refusal) -> &'static str {
    match reason {
        Refusal::StaffNotBound => "您未绑定该驿站，请在绑定的驿站核销，或联系工会办理绑定",
        Refusal::DeviceRevoked => "该设备已停用，请换用其他设备，或联系工会",
        Refusal::ClockSkew => "设备时间不准，请打开“自动设置时间”后重试",
        Refusal::InvalidCode => "不是有效的餐券码，请职工打开“我的餐券”重新出示",
        Refusal::AlreadyRedeemed => "餐券已使用，请职工出示其他餐券",
        Refusal::CodeExpired => "餐券码已过期，请职工刷新后重新出示",
        Refusal::CodeReplayed => "该餐券码已用过，请职工等待刷新后重新出示",
        Refusal::WrongStation => "该餐券不能在本驿站使用，请职工查看餐券上的适用驿站",
        Refusal::StationClosed => "驿站当前不在营业时间，请在营业时间内核销",
        Refusal::OutsideMealWindow => "当前不在就餐时段，请职工在餐券注明的时段前来",
        Refusal::PersonMealLimit => "该职工本时段已用过餐券，请在下一个就餐时段使用",
        Refusal::NotYetValid => "餐券尚未生效，请职工在生效日期后使用",
        Refusal::BatchPaused => "该批次已暂停，请稍后再试或联系工会",
        Refusal::StandingInsufficient => "职工目前不符合使用条件，请其联系所属工会核对会籍",
        Refusal::Expired => "餐券已过期，请职工出示其他餐券",
        Refusal::Deactivated => "餐券已停用，请职工联系所属工会",
    }
}
