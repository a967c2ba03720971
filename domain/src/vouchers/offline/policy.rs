//! What policy may change.

use crate::kernel::Fen;

/// Active devices of one station, at most.
pub const DEVICES_PER_STATION: u16 = 100;

/// What one device may take on one day without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    pub scans: u32,
    pub amount: Fen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfflinePolicy {
    /// Active devices of one station, at most.
    pub devices_per_station: u16,
    pub caps: Caps,
}

impl Default for OfflinePolicy {
    /// A busy station's lunch: 200 meals, ¥3,000.
    fn default() -> Self {
        let amount = Fen::new(300_000).unwrap_or_default();
        Self {
            devices_per_station: DEVICES_PER_STATION,
            caps: Caps { scans: 200, amount },
        }
    }
}
