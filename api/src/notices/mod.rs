//! The inbox over HTTP.

mod inbox;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(inbox::list_notices)
        .service(inbox::read_notice);
}
