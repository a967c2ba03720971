//! Micro-wishes: a worker asks for a small thing, a cadre lets it on the wall, a donor sends it to
//! a station, the station hands it over. Neither learns who the other is unless they say so.

mod claims;
mod decisions;
mod handovers;
mod own;
mod queue;
mod reports;
mod thanks;
mod wall;

use niangjia_domain::{kernel::Invalid, wishes::wish::status::WishStatus};
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(wall::list_wishes)
        .service(wall::get_wish)
        .service(reports::report_wish)
        .service(own::submit_wish)
        .service(own::list_my_wishes)
        .service(own::withdraw_wish)
        .service(thanks::thank_for_wish)
        .service(claims::claim_wish)
        .service(claims::list_my_wish_claims)
        .service(claims::dispatch_wish_claim)
        .service(claims::cancel_wish_claim)
        .service(handovers::record_wish_arrival)
        .service(handovers::hand_over_wish)
        .service(queue::list_admin_wishes)
        .service(decisions::decide_on_wish);
}

fn status(text: &str) -> Result<WishStatus, Invalid> {
    WishStatus::parse(text).ok_or_else(|| {
        Invalid::field(
            "status",
            "status_unknown",
            "没有这种心愿状态，请从列表中选择",
        )
    })
}
