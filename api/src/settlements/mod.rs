//! Settlements over HTTP, one file per kind of caller, and the exports.

mod cadre;
mod export;
mod request;
mod staff;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(cadre::open_settlement)
        .service(cadre::list_settlements)
        // Before `{id}`, which would match them too.
        .service(export::export_settlement_csv)
        .service(export::export_settlement_xlsx)
        .service(cadre::get_settlement)
        .service(cadre::list_settlement_lines)
        .service(cadre::freeze_settlement)
        .service(staff::confirm_settlement)
        .service(staff::dispute_settlement)
        .service(cadre::decide_on_settlement)
        .service(cadre::pay_settlement)
        .service(cadre::close_settlement)
        .service(cadre::cancel_settlement)
        .service(cadre::adjust_redemption)
        .service(staff::list_station_settlements);
}
