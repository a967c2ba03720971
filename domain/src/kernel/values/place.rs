//! A point on the map in GCJ-02 (what WeChat's and China's maps use).

use serde::{Deserialize, Serialize};

use crate::kernel::invalid::Invalid;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    lng: f64,
    lat: f64,
}

const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

impl Place {
    /// Degrees; anything off the globe is refused.
    pub fn new(lng: f64, lat: f64) -> Result<Self, Invalid> {
        if (-180.0..=180.0).contains(&lng) && (-90.0..=90.0).contains(&lat) {
            Ok(Self { lng, lat })
        } else {
            Err(Invalid::field(
                "location",
                "place_off_the_globe",
                "经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间",
            ))
        }
    }

    pub fn lng(self) -> f64 {
        self.lng
    }

    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Great-circle metres (haversine).
    pub fn metres_to(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((lat2 - lat1) / 2.0).sin();
        let half_lng = ((other.lng - self.lng).to_radians() / 2.0).sin();
        let h = half_lat.powi(2) + lat1.cos() * lat2.cos() * half_lng.powi(2);
        2.0 * EARTH_RADIUS_METRES * h.sqrt().min(1.0).asin()
    }
}
