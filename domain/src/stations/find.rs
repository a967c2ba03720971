//! Finding a station: filter, nearest first, open now. Stations come from the cache, the clock from
//! this very moment.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    StationService,
    error::StationError,
    station::{Amenity, Station},
};
use crate::kernel::{
    AccessError, Actor, DistrictCode, Jurisdiction, Page, PageRequest, Place,
    id::StationId,
    ports::cache::{Namespace, read_through},
};

const KEPT: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Default)]
pub struct StationFilter {
    pub near: Option<Place>,
    pub district: Option<DistrictCode>,
    pub amenity: Option<Amenity>,
    /// Only stations that are open at this moment.
    pub open_now: bool,
}

/// A station as somebody at `near` sees it now.
#[derive(Debug, Clone, PartialEq)]
pub struct StationView {
    pub station: Station,
    pub open_now: bool,
    /// Great-circle metres, when the caller said where they are.
    pub distance_metres: Option<u64>,
}

impl StationService {
    /// Nearest first when `near` is given, by name otherwise.
    pub async fn list(
        &self,
        filter: &StationFilter,
        page: PageRequest,
    ) -> Result<Page<StationView>, StationError> {
        let now = self.foundation.now();
        let stations = self.within(filter.district).await?;
        let mut views: Vec<_> = stations
            .into_iter()
            .filter(|station| {
                filter
                    .amenity
                    .is_none_or(|amenity| station.amenities.contains(&amenity))
            })
            .map(|station| view(station, filter.near, now))
            .filter(|view| view.open_now || !filter.open_now)
            .collect();
        views.sort_by(|a, b| {
            (a.distance_metres, &a.station.name, a.station.id).cmp(&(
                b.distance_metres,
                &b.station.name,
                b.station.id,
            ))
        });
        Ok(cut(views, page))
    }

    /// The same inside a cadre's or auditor's area.
    pub async fn list_for(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<StationView>, StationError> {
        let district = match actor.require_reader()? {
            Jurisdiction::Everywhere => None,
            Jurisdiction::District(district) => Some(district),
            Jurisdiction::Union(_) => return Err(AccessError::Forbidden.into()),
        };
        self.list(
            &StationFilter {
                district,
                ..StationFilter::default()
            },
            page,
        )
        .await
    }

    pub async fn get(&self, id: StationId) -> Result<StationView, StationError> {
        let load = async {
            Ok::<_, StationError>(self.foundation.read().await?.stations().find(id).await?)
        };
        let station = read_through(
            &*self.cache,
            Namespace::Stations,
            &format!("one:{id}"),
            KEPT,
            load,
        )
        .await?;
        Ok(view(
            station.ok_or(AccessError::NotFound)?,
            None,
            self.foundation.now(),
        ))
    }

    async fn within(&self, district: Option<DistrictCode>) -> Result<Vec<Station>, StationError> {
        let key = district.map_or_else(|| "all".to_owned(), |district| format!("in:{district}"));
        let load = async {
            Ok(self
                .foundation
                .read()
                .await?
                .stations()
                .list_within(district)
                .await?)
        };
        read_through(&*self.cache, Namespace::Stations, &key, KEPT, load).await
    }
}

fn view(station: Station, near: Option<Place>, now: DateTime<Utc>) -> StationView {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let metres = |from: Place| from.metres_to(station.place).round() as u64;
    StationView {
        open_now: station.is_open_at(now),
        distance_metres: near.map(metres),
        station,
    }
}

/// The list is sorted by distance, not by id, so the page starts behind the cursor's place in it.
fn cut(views: Vec<StationView>, page: PageRequest) -> Page<StationView> {
    let start = page
        .after
        .and_then(|after| {
            views
                .iter()
                .position(|view| view.station.id.uuid() == after)
        })
        .map_or(0, |position| position + 1);
    Page::cut(views.into_iter().skip(start).collect(), page, |view| {
        view.station.id.uuid()
    })
}
