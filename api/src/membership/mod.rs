//! Joining the union over HTTP: the form, the tap, one's own card, and the cadres' side.

mod apply_dto;
mod form_dto;
mod own;
mod review;
mod review_dto;
mod unions;
mod unions_dto;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(own::get_membership_form)
        .service(own::join_union)
        .service(own::get_my_membership)
        .service(own::get_my_card)
        .service(own::withdraw_membership)
        .service(own::give_consent)
        .service(own::withdraw_consent)
        .service(review::list_applications)
        .service(review::decide_on_membership)
        .service(review::reveal_person)
        .service(review::check_card)
        .service(unions::list_unions)
        .service(unions::found_union);
}
