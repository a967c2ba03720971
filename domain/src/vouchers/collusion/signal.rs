//! Words of all signals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::id::{RedemptionId, StationId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    SamePair,
    Burst,
    ImpossibleTravel,
    PriceIsFaceValue,
}

impl Signal {
    pub const ALL: [Self; 4] = [
        Self::SamePair,
        Self::Burst,
        Self::ImpossibleTravel,
        Self::PriceIsFaceValue,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SamePair => "same_pair",
            Self::Burst => "burst",
            Self::ImpossibleTravel => "impossible_travel",
            Self::PriceIsFaceValue => "price_is_face_value",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.as_str() == text)
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
