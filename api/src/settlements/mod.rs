//! What the union owes a station for the meals of a period: the sheet, the station's answer,
//! corrections and files.

mod adjustments;
mod confirmations;
mod export;
mod sheets;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sheets::open_settlement)
        .service(sheets::list_settlements)
        // Before `{id}`, which would match them too.
        .service(export::export_settlement_csv)
        .service(export::export_settlement_xlsx)
        .service(sheets::get_settlement)
        .service(sheets::lines::list_settlement_lines)
        .service(sheets::steps::freeze_settlement)
        .service(confirmations::confirm_settlement)
        .service(confirmations::dispute_settlement)
        .service(sheets::steps::decide_on_settlement)
        .service(sheets::steps::pay_settlement)
        .service(sheets::steps::close_settlement)
        .service(sheets::steps::cancel_settlement)
        .service(adjustments::adjust_redemption)
        .service(sheets::list_station_settlements);
}
