//! More scans in a moment than people can hold up their phones: a drawer full of codes.
//!
//! A quick queue takes three seconds a person; the default is ten within twenty.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::policy::CollusionPolicy;
use crate::kernel::id::RedemptionId;

/// A scan amid others of the same staff member at the same station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    pub redemption_id: RedemptionId,
    /// How many scans, this one among them …
    pub scans: u32,
    /// … were made in how short a time.
    pub within: TimeDelta,
}

impl Burst {
    pub fn is_suspicious(&self, policy: &CollusionPolicy) -> bool {
        self.scans >= policy.burst_scans && self.within <= policy.burst_within
    }

    pub fn evidence(&self) -> Value {
        json!({ "scans": self.scans, "withinMilliseconds": self.within.num_milliseconds() })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    #[rstest]
    #[case::ten_in_twenty_seconds(10, 20_000, true)]
    #[case::a_quick_queue(10, 20_001, false)]
    #[case::too_few(9, 1, false)]
    fn queues_are_spared(#[case] scans: u32, #[case] milliseconds: i64, #[case] expected: bool) {
        let within = TimeDelta::milliseconds(milliseconds);
        let burst = Burst {
            redemption_id: RedemptionId::from_uuid(Uuid::nil()),
            scans,
            within,
        };
        assert_eq!(burst.is_suspicious(&CollusionPolicy::default()), expected);
    }
}
