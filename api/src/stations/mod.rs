//! Worker stations: anybody finds them, whoever signed in reports what is wrong, their keepers add
//! new ones.

mod directory;
mod register;
mod reports;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(directory::list_stations)
        .service(directory::get_station)
        .service(reports::report_station)
        .service(register::add_station)
        .service(register::list_admin_stations);
}
