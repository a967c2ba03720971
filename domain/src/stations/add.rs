//! Opening a station: a cadre of its district adds it.

use super::{
    StationService,
    error::StationError,
    hours::OpeningHours,
    station::{Amenity, Station},
};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, DistrictCode, Invalid, Place, id::StationId, ports::cache::Namespace,
        values::text,
    },
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
        let now = self.foundation.now();
        let station = self.checked(new)?;
        let mut tx = self.foundation.begin().await?;
        if !tx.stations().add(&station).await? {
            return Err(StationError::NameTaken);
        }
        let deed = Deed::new("station.added", station.id).within(station.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        self.cache.invalidate(Namespace::Stations).await;
        Ok(station)
    }

    /// Adds the stations that are missing, for seeds; returns all of the list.
    pub async fn seed(&self, list: Vec<NewStation>) -> Result<Vec<Station>, StationError> {
        let now = self.foundation.now();
        let names: Vec<_> = list
            .iter()
            .map(|new| (new.district, new.name.clone()))
            .collect();
        let mut tx = self.foundation.begin().await?;
        for new in list {
            let station = self.checked(new)?;
            if tx.stations().add(&station).await? {
                let deed = Deed::new("station.added", station.id).within(station.district);
                tx.audit()
                    .append(deed.by_system("seed", now, self.foundation.random()))
                    .await?;
            }
        }
        let all = tx.stations().list_within(None).await?;
        tx.commit().await?;
        self.cache.invalidate(Namespace::Stations).await;
        let named = |(district, name): &(DistrictCode, String)| {
            all.iter()
                .find(|station| station.district == *district && station.name == *name)
                .cloned()
        };
        Ok(names.iter().filter_map(named).collect())
    }

    fn checked(&self, new: NewStation) -> Result<Station, Invalid> {
        Ok(Station {
            id: StationId::generate(self.foundation.now(), self.foundation.random()),
            name: text::line("name", &new.name, 2, 40)?,
            district: new.district,
            address: text::line("address", &new.address, 2, 100)?,
            place: new.place,
            hours: new.hours,
            amenities: new.amenities,
        })
    }
}
