//! Words of all signals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::{
    coded::coded,
    id::{RedemptionId, StationId},
};

coded! {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Signal {
        SamePair "same_pair",
        Burst "burst",
        ImpossibleTravel "impossible_travel",
        PriceIsFaceValue "price_is_face_value",
    }
}

/// Scans by event time, half-open; of one station where it is named.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub station: Option<StationId>,
}

/// A redemption that a signal speaks about. The evidence suspensions figures, no personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub signal: Signal,
    pub redemption_id: RedemptionId,
    pub evidence: Value,
}
