//! Who works at a session: cadres in whose area it lies, and staff of the stations in its district,
//! who receive the van.

use crate::{
    checkups::CheckupError,
    kernel::{AccessError, Actor, Jurisdiction},
    store::Tx,
};

/// Areas in which the caller may check people in. Nobody's answer is empty: that is `Forbidden`.
pub(crate) async fn areas_on_duty(
    tx: &mut dyn Tx,
    actor: &Actor,
) -> Result<Vec<Jurisdiction>, CheckupError> {
    let mut areas: Vec<Jurisdiction> = actor.require_cadre().into_iter().collect();
    let stations = tx.stations().find_many(&actor.stations()).await?;
    areas.extend(
        stations
            .iter()
            .map(|station| Jurisdiction::District(station.district)),
    );
    if areas.is_empty() {
        Err(AccessError::Forbidden.into())
    } else {
        Ok(areas)
    }
}
