//! The audit trail over HTTP: read only, by those who look after it.

mod entries;
mod head;
mod query;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(entries::list_audit_entries)
        .service(head::get_audit_head);
}
