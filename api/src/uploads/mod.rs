//! Photos: a form for sending one straight to the object store, its completion, a look at it; and
//! the URLs of the embedded store.

mod local_objects;
mod photos;

pub use local_objects::routes as local_object_routes;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(photos::create_upload)
        .service(photos::complete_upload)
        .service(photos::get_upload);
}
