//! Where a wish stands, as a bare word: for the wire, for filters and for the database.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::coded::coded;

coded! {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    WishStatus {
        Checking "checking",
        Reviewing "reviewing",
        Returned "returned",
        Rejected "rejected",
        Withdrawn "withdrawn",
        Published "published",
        Claimed "claimed",
        InTransit "in_transit",
        AtStation "at_station",
        HandedOver "handed_over",
        Thanked "thanked",
    }
}

impl WishStatus {
    /// Occupies its person's one place (W2). The database's partial unique index names the same
    /// states.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Checking
            | Self::Reviewing
            | Self::Published
            | Self::Claimed
            | Self::InTransit
            | Self::AtStation => true,
            Self::Returned
            | Self::Rejected
            | Self::Withdrawn
            | Self::HandedOver
            | Self::Thanked => false,
        }
    }

    /// May be seen by strangers.
    pub const fn is_public(self) -> bool {
        match self {
            Self::Published
            | Self::Claimed
            | Self::InTransit
            | Self::AtStation
            | Self::HandedOver
            | Self::Thanked => true,
            Self::Checking
            | Self::Reviewing
            | Self::Returned
            | Self::Rejected
            | Self::Withdrawn => false,
        }
    }
}

impl fmt::Display for WishStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
