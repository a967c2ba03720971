//! A place that serves workers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::hours::OpeningHours;
use crate::kernel::{DistrictCode, Place, id::StationId};

/// What a station has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amenity {
    Water,
    Charging,
    Microwave,
    Toilet,
    Rest,
    Medicine,
    Meals,
    Parcels,
}

impl Amenity {
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
    }
}

/// A worker station (驿站). Its coordinates are GCJ-02.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    pub id: StationId,
    pub name: String,
    pub district: DistrictCode,
    pub address: String,
    pub place: Place,
    pub hours: OpeningHours,
    pub amenities: Vec<Amenity>,
}

impl Station {
    pub fn is_open_at(&self, instant: DateTime<Utc>) -> bool {
        self.hours.is_open_at(instant)
    }
}
