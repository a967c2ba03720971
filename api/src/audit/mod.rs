//! The audit trail over HTTP: read only, by those who look after it.

mod dto;
mod handlers;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_audit_entries)
        .service(handlers::get_audit_head);
}
