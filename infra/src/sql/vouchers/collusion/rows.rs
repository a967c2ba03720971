//! Rows of the figures that speak for collusion.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Place,
        id::{AccountId, PersonId, RedemptionId, StationId},
    },
    store::StoreError,
    vouchers::collusion::{
        burst::Burst,
        pair::PairHabit,
        price::PriceHabit,
        travel::{Journey, Stop},
    },
};
use sea_orm::{DbErr, QueryResult};

use crate::sql::db::{error::store_error, rows::corrupt};

pub(crate) fn pair_habit(row: &QueryResult) -> Result<PairHabit, DbErr> {
    Ok(PairHabit {
        station_id: StationId::from_uuid(row.try_get("", "station_id")?),
        staff_id: AccountId::from_uuid(row.try_get("", "staff_id")?),
        person_id: PersonId::from_uuid(row.try_get("", "person_id")?),
        meals: row.try_get("", "meals")?,
        holders_meals: row.try_get("", "holders_meals")?,
        others: row.try_get("", "others")?,
        others_by_staff: row.try_get("", "others_by_staff")?,
    })
}

pub(crate) fn price_habit(row: &QueryResult) -> Result<PriceHabit, DbErr> {
    Ok(PriceHabit {
        station_id: StationId::from_uuid(row.try_get("", "station_id")?),
        staff_id: AccountId::from_uuid(row.try_get("", "staff_id")?),
        typed: row.try_get("", "typed")?,
        at_face: row.try_get("", "at_face")?,
        faces: row.try_get("", "faces")?,
        others_typed: row.try_get("", "others_typed")?,
        others_at_face: row.try_get("", "others_at_face")?,
    })
}

pub(crate) fn burst(row: &QueryResult, scans: u32) -> Result<Burst, DbErr> {
    let seconds: f64 = row.try_get("", "seconds")?;
    let within = TimeDelta::milliseconds((seconds * 1_000.0).round() as i64);
    Ok(Burst {
        redemption_id: RedemptionId::from_uuid(row.try_get("", "id")?),
        scans,
        within,
    })
}

pub(crate) fn journey(row: &QueryResult) -> Result<Journey, StoreError> {
    let stop = |id: &str,
                lng: &str,
                lat: &str,
                scanned: &str,
                accepted: &str|
     -> Result<Stop, StoreError> {
        let get = |column| row.try_get("", column).map_err(store_error);
        let redemption_id = RedemptionId::from_uuid(row.try_get("", id).map_err(store_error)?);
        let place = Place::new(
            row.try_get("", lng).map_err(store_error)?,
            row.try_get("", lat).map_err(store_error)?,
        );
        let place = place.map_err(|_| corrupt("stations", redemption_id))?;
        Ok(Stop {
            redemption_id,
            place,
            scanned_at: get(scanned)?,
            accepted_at: get(accepted)?,
        })
    };
    Ok(Journey {
        from: stop(
            "from_id",
            "from_lng",
            "from_lat",
            "from_scanned",
            "from_accepted",
        )?,
        to: stop("id", "lng", "lat", "scanned_at", "accepted_at")?,
    })
}
