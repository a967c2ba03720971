//! How often is too often, and how long a queue may get. None of the limits can be switched off: 0
//! is refused.

use serde::Deserialize;

use super::{Sources, faults::Faults};

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct LimitsConfig {
    pub per_ip_per_minute: u32,
    pub per_account_per_minute: u32,
    pub sign_ins_per_ip_per_minute: u32,
    /// Per lane: claims, scans.
    pub queue: u32,
}

impl LimitsConfig {
    pub(super) fn check(sources: &Sources, problems: &mut Faults) -> Option<Self> {
        let limits: Self = sources.value("limits", problems)?;
        for (setting, value) in [
            ("limits.per_ip_per_minute", limits.per_ip_per_minute),
            (
                "limits.per_account_per_minute",
                limits.per_account_per_minute,
            ),
            (
                "limits.sign_ins_per_ip_per_minute",
                limits.sign_ins_per_ip_per_minute,
            ),
            ("limits.queue", limits.queue),
        ] {
            if value == 0 {
                problems.add(setting, "0 would let nobody in");
            }
        }
        Some(limits)
    }
}
