//! The inbox over HTTP: nobody reads another account's.

mod inbox;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(inbox::list_notices)
        .service(inbox::read_notice);
}
