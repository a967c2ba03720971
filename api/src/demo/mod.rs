//! Demo data for development: a district at work. Everything goes through the use cases, so the
//! demo obeys the rules.

mod health_check;
mod meals;
mod people;
mod sign_ins;
mod stations;
mod wishes;

use std::error::Error;

use niangjia_domain::kernel::Grant;

use crate::{config::Config, wiring::Services};
use people::Cast;

type Failure = Box<dyn Error + Send + Sync>;

/// Seeds an empty database, or goes on where an interrupted seed stopped; returns what to tell the
/// newcomer.
pub async fn seed_if_empty(
    services: &Services,
    config: &Config,
) -> Result<Option<String>, Failure> {
    let Some(admin) = people::account_of(services, people::ADMIN).await? else {
        return Ok(Some(seed(services, config).await?));
    };
    let reader = people::actor(services, admin, Grant::Admin);
    match sign_ins::recall(&config.data_dir) {
        Some(_) if !health_check::is_seeded(services, &reader).await? => {
            Ok(Some(seed(services, config).await?))
        }
        // Without the demo's password file this is somebody's own database.
        sign_ins => Ok(sign_ins),
    }
}

/// Adds the demo's stations, unions, people, voucher batch, wishes and health check.
pub async fn seed(services: &Services, config: &Config) -> Result<String, Failure> {
    let password =
        sign_ins::password(&config.demo, &config.data_dir, &*services.foundation.random)?;
    let stations = services.stations.seed(stations::stations()).await?;
    people::seed_unions(services).await?;
    let home = stations.first().ok_or("the demo has stations")?;
    let cast = Cast::gather(services, &password, home.id).await?;
    meals::seed(services, &cast, &stations).await?;
    wishes::seed(services, &cast, home.id).await?;
    health_check::seed(services, &cast, home).await?;
    Ok(sign_ins::text(&password, &config.data_dir))
}
