//! The districts a city serves, with the place of their county seats: enough to tell in which one a
//! worker stands.

use crate::kernel::{DistrictCode, Place};

/// Farther than this from every county seat is somewhere else.
const WITHIN_METRES: f64 = 60_000.0;

#[derive(Debug, Clone, PartialEq)]
pub struct District {
    pub code: DistrictCode,
    pub name: String,
    /// The seat of its government, approximately.
    pub centre: Place,
}

impl District {
    pub fn is_prefecture(&self) -> bool {
        self.code.prefecture() == self.code
    }
}

/// The county whose seat is nearest; `None` when none is near.
pub fn nearest(districts: &[District], place: Place) -> Option<DistrictCode> {
    districts
        .iter()
        .filter(|district| !district.is_prefecture())
        .map(|district| (district.centre.metres_to(place), district.code))
        .filter(|(metres, _)| *metres <= WITHIN_METRES)
        .min_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn district(code: &str, lng: f64, lat: f64) -> District {
        let centre = Place::new(lng, lat).unwrap();
        District {
            code: DistrictCode::parse(code).unwrap(),
            name: code.to_owned(),
            centre,
        }
    }

    #[test]
    fn a_place_belongs_to_the_nearest_county_or_to_none() {
        let all = [
            district("370800", 116.58, 35.41),
            district("370811", 116.60, 35.44),
            district("370812", 116.78, 35.55),
        ];
        let at =
            |lng, lat| nearest(&all, Place::new(lng, lat).unwrap()).map(|code| code.to_string());
        assert_eq!(at(116.58, 35.41).as_deref(), Some("370811"));
        assert_eq!(at(116.80, 35.56).as_deref(), Some("370812"));
        assert_eq!(at(121.47, 31.23), None);
    }
}
