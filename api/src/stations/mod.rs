//! Worker stations over HTTP: find, look at, report, add.

mod dto;
mod handlers;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_stations)
        .service(handlers::get_station)
        .service(handlers::report_station)
        .service(handlers::add_station)
        .service(handlers::list_admin_stations);
}
