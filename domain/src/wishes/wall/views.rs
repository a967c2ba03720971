//! What the different readers see of a wish. None of these names the worker (W5); `OwnWish` is for
//! the worker alone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        DistrictCode, Fen,
        id::{StationId, WishId},
    },
    stations::station::Station,
    wishes::{
        claims::wish_claim::{ClaimStatus, WishClaim},
        handover::pickup::PickupCode,
        wish::{MachineOpinion, status::WishStatus},
    },
};

/// Where the parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationCard {
    pub id: StationId,
    pub name: String,
    pub district: DistrictCode,
    pub address: String,
}

impl From<Station> for StationCard {
    fn from(station: Station) -> Self {
        Self {
            id: station.id,
            name: station.name,
            district: station.district,
            address: station.address,
        }
    }
}

/// Short-lived URLs of one photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoView {
    pub url: String,
    pub thumbnail_url: String,
}

/// What every reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WishCard {
    pub id: WishId,
    pub title: String,
    pub story: String,
    pub category: String,
    pub estimate: Fen,
    pub station: StationCard,
    pub status: WishStatus,
    pub published_at: Option<DateTime<Utc>>,
    pub photos: Vec<PhotoView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThanksView {
    /// `None` while the machine has not passed it.
    pub message: Option<String>,
    pub photos: Vec<PhotoView>,
}

/// A wish as a stranger sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicWish {
    pub card: WishCard,
    pub thanks: Option<ThanksView>,
}

/// A wish as its worker sees it.
#[derive(Debug, Clone)]
pub struct OwnWish {
    pub card: WishCard,
    pub submitted_at: DateTime<Utc>,
    pub review_due_at: Option<DateTime<Utc>>,
    /// Why it came back.
    pub reason: Option<String>,
    pub claim: Option<DonorCard>,
    /// Only while the parcel waits at the station.
    pub pickup_code: Option<PickupCode>,
    pub thanks: Option<ThanksView>,
}

/// What a worker sees of the donor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DonorCard {
    pub display_name: Option<String>,
    pub status: ClaimStatus,
    pub claimed_at: DateTime<Utc>,
    pub lapses_at: DateTime<Utc>,
}

/// A claim as its donor sees it.
#[derive(Debug, Clone)]
pub struct OwnClaim {
    pub claim: WishClaim,
    pub card: WishCard,
    pub thanks: Option<ThanksView>,
}

/// A wish as the cadres of its district see it.
#[derive(Debug, Clone)]
pub struct QueueWish {
    pub card: WishCard,
    /// What a decision has to name.
    pub revision: i64,
    pub submitted_at: DateTime<Utc>,
    pub review_due_at: Option<DateTime<Utc>>,
    pub machine: Option<MachineOpinion>,
    pub reason: Option<String>,
    pub reports: u64,
}
