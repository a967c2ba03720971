//! Meal vouchers over HTTP, one file per kind of caller.

mod allotments;
mod batch_view;
mod cadre;
mod decision;
mod draws;
mod offline;
mod recalls;
mod reconciliations;
mod request;
mod scan_view;
mod staff;
mod suspension_request;
mod suspension_view;
mod suspensions;
mod voucher_view;
mod worker;

pub use decision::CheckerDecisionDto;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    // The storms first: see `routes.rs`.
    config
        .service(worker::claim_voucher)
        .service(staff::redeem_voucher)
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
        .service(cadre::change_voucher_budget)
        .service(cadre::close_voucher_batch)
        .service(cadre::get_voucher_conservation)
        .service(suspensions::list_redemption_holds)
        .service(suspensions::decide_on_redemption_hold)
        .service(recalls::recall_vouchers)
        .service(recalls::list_voucher_recalls)
        .service(allotments::get_voucher_grant_run)
        .service(draws::enter_voucher_draw)
        .service(draws::get_voucher_draw_entry)
        .service(draws::get_voucher_draw)
        .service(reconciliations::list_reconciliations)
        .service(worker::list_voucher_batches)
        .service(worker::list_my_vouchers)
        .service(worker::get_voucher)
        .service(worker::deliver_code_secret)
        .service(worker::show_voucher_code)
        .service(staff::annul_redemption)
        .service(staff::list_station_redemptions)
        .configure(offline::routes);
}
