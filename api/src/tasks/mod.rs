//! The one queue over HTTP: what waits for a decision, whose it is, and many decisions at once.

mod assignment;
mod decisions;
mod doors;
mod filter;
mod queue;

pub use doors::doors;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(queue::list_tasks)
        .service(assignment::assign_task)
        .service(decisions::decide_on_tasks);
}
