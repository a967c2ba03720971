//! What could not be delivered, over HTTP: for administrators.

mod dead_letters;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(dead_letters::list_dead_letters)
        .service(dead_letters::retry_dead_letter);
}
