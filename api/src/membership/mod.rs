//! Joining a union: the form, the tap, one's own membership, card and consents; and the cadres'
//! side.

mod applications;
mod cards;
mod consents;
mod form;
mod memberships;
mod reveals;
mod reviews;
mod unions;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(form::get_membership_form)
        .service(applications::join_union)
        .service(memberships::get_my_membership)
        .service(cards::get_my_card)
        .service(memberships::withdraw_membership)
        .service(consents::give_consent)
        .service(consents::withdraw_consent)
        .service(reviews::list_applications)
        .service(reviews::decide_on_membership)
        .service(reveals::reveal_person)
        .service(cards::check_card)
        .service(unions::list_unions)
        .service(unions::found_union);
}
