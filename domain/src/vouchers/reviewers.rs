//! Where reviews about a station belong: to the cadres of its district.

use crate::{stations::station::Station, tasks::TaskPlace};

/// The station, as tasks about it name it.
pub(super) fn place_of(station: &Station) -> TaskPlace {
    TaskPlace {
        district: station.district,
        union_id: None,
        name: station.name.clone(),
    }
}
