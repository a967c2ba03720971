//! Which sheets a caller may see: those of their area, and those of the stations they work at.

use crate::kernel::{AccessError, Actor, Jurisdiction, id::StationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub area: Option<Jurisdiction>,
    pub stations: Vec<StationId>,
}

impl Reach {
    /// As a reader of an area, as staff of stations, or both.
    pub fn of(actor: &Actor) -> Result<Self, AccessError> {
        let (area, stations) = (actor.require_reader().ok(), actor.stations());
        if area.is_none() && stations.is_empty() {
            return Err(AccessError::Forbidden);
        }
        Ok(Self { area, stations })
    }

    pub const fn area(area: Jurisdiction) -> Self {
        Self {
            area: Some(area),
            stations: Vec::new(),
        }
    }

    pub const fn stations(stations: Vec<StationId>) -> Self {
        Self {
            area: None,
            stations,
        }
    }
}
