//! Why a scan is refused (invariant V8): one stable reason, in the order of how easily it is
//! mended.

use serde::{Deserialize, Serialize};

/// The order of the variants is the order in which they are reported. `README.md` explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    StaffNotBound,
    DeviceRevoked,
    ClockSkew,
    InvalidCode,
    AlreadyRedeemed,
    CodeExpired,
    CodeReplayed,
    WrongStation,
    StationClosed,
    OutsideMealWindow,
    PersonMealLimit,
    NotYetValid,
    BatchPaused,
    StandingInsufficient,
    Expired,
    Deactivated,
}

impl Refusal {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StaffNotBound => "staff_not_bound",
            Self::DeviceRevoked => "device_revoked",
            Self::ClockSkew => "clock_skew",
            Self::InvalidCode => "invalid_code",
            Self::AlreadyRedeemed => "already_redeemed",
            Self::CodeExpired => "code_expired",
            Self::CodeReplayed => "code_replayed",
            Self::WrongStation => "wrong_station",
            Self::StationClosed => "station_closed",
            Self::OutsideMealWindow => "outside_meal_window",
            Self::PersonMealLimit => "person_meal_limit",
            Self::NotYetValid => "not_yet_valid",
            Self::BatchPaused => "batch_paused",
            Self::StandingInsufficient => "standing_insufficient",
            Self::Expired => "expired",
            Self::Deactivated => "deactivated",
        }
    }
}
