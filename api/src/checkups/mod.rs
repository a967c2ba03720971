//! Health checks: cadres plan campaigns and the stops of a van, workers book a seat, staff check
//! them in.

mod attendance;
mod bookings;
mod campaigns;
mod check_ins;
mod sessions;
mod times;

use niangjia_domain::kernel::Invalid;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(campaigns::open_checkup_campaign)
        .service(campaigns::list_checkup_campaigns)
        .service(sessions::schedule::schedule_checkup_session)
        .service(attendance::get_checkup_attendance)
        .service(sessions::list_checkup_sessions)
        .service(sessions::get_checkup_session)
        .service(bookings::book_checkup)
        .service(bookings::list_my_checkup_bookings)
        .service(bookings::get_checkup_booking)
        .service(bookings::cancel_checkup_booking)
        .service(check_ins::check_in)
        .service(check_ins::complete_checkup);
}

/// What a field check without findings cannot leave behind.
fn incomplete() -> Invalid {
    Invalid::field("", "missing_field", "缺少必填内容，请补充后重新提交")
}
