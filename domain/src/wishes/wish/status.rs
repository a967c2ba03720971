//! Where a wish stands, as a bare word: for the wire, for filters and for the database.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WishStatus {
    Checking,
    Reviewing,
    Returned,
    Rejected,
    Withdrawn,
    Published,
    Claimed,
    InTransit,
    AtStation,
    HandedOver,
    Thanked,
}

impl WishStatus {
    pub const ALL: [Self; 11] = [
        Self::Checking,
        Self::Reviewing,
        Self::Returned,
        Self::Rejected,
        Self::Withdrawn,
        Self::Published,
        Self::Claimed,
        Self::InTransit,
        Self::AtStation,
        Self::HandedOver,
        Self::Thanked,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Reviewing => "reviewing",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Published => "published",
            Self::Claimed => "claimed",
            Self::InTransit => "in_transit",
            Self::AtStation => "at_station",
            Self::HandedOver => "handed_over",
            Self::Thanked => "thanked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

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
        f.write_str(self.as_str())
    }
}
