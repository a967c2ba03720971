//! The inbox over HTTP.

mod dto;
mod handlers;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_notices)
        .service(handlers::read_notice);
}
