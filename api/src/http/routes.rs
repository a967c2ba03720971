//! All routes, context by context, those of the storms first.

use actix_web::middleware::from_fn;
use utoipa_actix_web::{scope::scope, service_config::ServiceConfig};

/// The embedded object store's URLs, outside the contract.
pub use crate::uploads::local_object_routes as local_objects;
use crate::{
    audit, checkups,
    http::{readiness, throttle},
    identity, imports, membership, notices, outbox, settlements, stations, tasks, uploads,
    vouchers, wishes,
};

/// The public contract, under one base path.
pub const BASE_PATH: &str = "/api/v1";

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        scope(BASE_PATH)
            .wrap(from_fn(throttle::gate))
            .wrap(from_fn(readiness::gate))
            // Routes are tried in this order, each by a regular expression: those of the storms
            // come first.
            .configure(vouchers::routes)
            .configure(identity::routes)
            .configure(notices::routes)
            .configure(membership::routes)
            .configure(stations::routes)
            .configure(uploads::routes)
            .configure(wishes::routes)
            .configure(settlements::routes)
            .configure(checkups::routes)
            .configure(tasks::routes)
            .configure(audit::routes)
            .configure(imports::routes)
            .configure(outbox::routes),
    );
}
