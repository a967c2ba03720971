//! Opening a station: a cadre of its district adds it.

use super::{
    StationService,
    error::StationError,
    hours::OpeningHours,
    station::{Amenity, Station},
};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, DistrictCode, Place, cache::Namespace, id::StationId, text},
};

#[derive(Debug, Clone)]
pub struct NewStation {
    pub name: String,
    pub district: DistrictCode,
    pub address: String,
    pub place: Place,
    pub hours: OpeningHours,
    pub amenities: Vec<Amenity>,
}

impl StationService {
    pub async fn add(&self, actor: &Actor, new: NewStation) -> Result<Station, StationError> {
        if !actor.require_cadre()?.covers_district(new.district) {
            return Err(AccessError::Forbidden.into());
        }
        let now = self.clock.now();
        let station = Station {
            id: StationId::generate(now, &*self.random),
            name: text::line("name", &new.name, 2, 40)?,
            district: new.district,
            address: text::line("address", &new.address, 2, 100)?,
            place: new.place,
            hours: new.hours,
            amenities: new.amenities,
        };
        let mut tx = self.store.begin().await?;
        if !tx.stations().add(&station).await? {
            return Err(StationError::NameTaken);
        }
        let deed = Deed::new("station.added", station.id).within(station.district);
        tx.audit().append(deed.by(actor, now, &*self.random)).await?;
        tx.commit().await?;
        self.cache.invalidate(Namespace::Stations).await;
        Ok(station)
    }
}
