//! Micro-wishes over HTTP, one file per kind of caller.

mod cadre;
mod claim_view;
mod donor;
mod request;
mod staff;
mod wall;
mod wish_view;
mod worker;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(wall::list_wishes)
        .service(wall::get_wish)
        .service(wall::report_wish)
        .service(worker::submit_wish)
        .service(worker::list_my_wishes)
        .service(worker::withdraw_wish)
        .service(worker::thank_for_wish)
        .service(donor::claim_wish)
        .service(donor::list_my_wish_claims)
        .service(donor::dispatch_wish_claim)
        .service(donor::cancel_wish_claim)
        .service(staff::record_wish_arrival)
        .service(staff::hand_over_wish)
        .service(cadre::list_admin_wishes)
        .service(cadre::decide_on_wish);
}
