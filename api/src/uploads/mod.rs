//! Photos over HTTP: a form, its completion, a look at it; and the embedded object store's own
//! URLs.

mod dto;
mod handlers;
mod local_objects;

pub use local_objects::routes as local_object_routes;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::create_upload)
        .service(handlers::complete_upload)
        .service(handlers::get_upload);
}
