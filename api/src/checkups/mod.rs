//! Health checks over HTTP: plan, find, book, check in.

mod attendance_dto;
mod booking_dto;
mod bookings;
mod plans;
mod query;
mod session_dto;
mod sessions;
mod visits;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(plans::open_checkup_campaign)
        .service(plans::list_checkup_campaigns)
        .service(plans::schedule_checkup_session)
        .service(plans::get_checkup_attendance)
        .service(sessions::list_checkup_sessions)
        .service(sessions::get_checkup_session)
        .service(bookings::book_checkup)
        .service(bookings::list_my_checkup_bookings)
        .service(bookings::get_checkup_booking)
        .service(bookings::cancel_checkup_booking)
        .service(visits::check_in)
        .service(visits::complete_checkup);
}
