//! Meal vouchers over HTTP, one file per kind of caller.

mod batch_view;
mod cadre;
mod request;
mod scan_view;
mod staff;
mod voucher_view;
mod worker;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(cadre::draft_voucher_batch)
        .service(cadre::list_admin_voucher_batches)
        .service(cadre::get_voucher_batch)
        .service(cadre::redraft_voucher_batch)
        .service(cadre::submit_voucher_batch)
        .service(cadre::decide_on_voucher_batch)
        .service(cadre::pause_voucher_batch)
        .service(cadre::resume_voucher_batch)
        .service(cadre::stop_voucher_batch)
        .service(cadre::change_voucher_quota)
        .service(cadre::get_voucher_conservation)
        .service(worker::list_voucher_batches)
        .service(worker::claim_voucher)
        .service(worker::list_my_vouchers)
        .service(worker::get_voucher)
        .service(worker::deliver_code_secret)
        .service(worker::show_voucher_code)
        .service(staff::redeem_voucher)
        .service(staff::annul_redemption)
        .service(staff::list_station_redemptions);
}
