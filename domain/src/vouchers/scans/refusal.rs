//! Why a scan is refused (invariant V8): one stable reason, in the order of how easily it is
//! mended.

use serde::{Deserialize, Serialize};

use crate::kernel::coded::coded;

coded! {
    /// The order of the variants is the order in which they are reported. `README.md` explains it.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Refusal {
        StaffNotBound "staff_not_bound",
        DeviceRevoked "device_revoked",
        ClockSkew "clock_skew",
        InvalidCode "invalid_code",
        AlreadyRedeemed "already_redeemed",
        CodeExpired "code_expired",
        CodeReplayed "code_replayed",
        WrongStation "wrong_station",
        StationClosed "station_closed",
        OutsideMealWindow "outside_meal_window",
        PersonMealLimit "person_meal_limit",
        NotYetValid "not_yet_valid",
        BatchPaused "batch_paused",
        StandingInsufficient "standing_insufficient",
        Expired "expired",
        Deactivated "deactivated",
    }
}
