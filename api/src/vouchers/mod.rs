//! Meal vouchers: batches and who gets of them, a holder's vouchers and their codes, what is eaten
//! for them, and what looks wrong afterwards.

mod allotments;
mod batches;
mod claims;
mod codes;
mod draws;
mod offers;
mod offline;
mod recalls;
mod reconciliations;
mod redemptions;
mod suspensions;
mod validity;
mod wallet;

pub use batches::decisions::CheckerDecisionDto;
use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use niangjia_domain::kernel::Invalid;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::extract::chosen;

pub fn routes(config: &mut ServiceConfig<'_>) {
    // The storms first: see `routes.rs`.
    config
        .service(claims::claim_voucher)
        .service(redemptions::redeem_voucher)
        .configure(batches::routes)
        .service(suspensions::list_redemption_holds)
        .service(suspensions::decide_on_redemption_hold)
        .service(recalls::recall_vouchers)
        .service(recalls::list_voucher_recalls)
        .service(allotments::get_voucher_grant_run)
        .service(draws::enter_voucher_draw)
        .service(draws::get_voucher_draw_entry)
        .service(draws::get_voucher_draw)
        .service(reconciliations::list_reconciliations)
        .service(offers::list_voucher_batches)
        .service(wallet::list_my_vouchers)
        .service(wallet::get_voucher)
        .service(codes::deliver_code_secret)
        .service(codes::show_voucher_code)
        .service(redemptions::annul_redemption)
        .service(redemptions::list_station_redemptions)
        .configure(offline::routes);
}

/// To the microsecond, which both databases keep.
fn stored(instant: DateTime<FixedOffset>) -> DateTime<Utc> {
    instant.to_utc().trunc_subsecs(6)
}

fn known<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Invalid> {
    chosen(
        "status",
        "status_unknown",
        "没有这种状态，请从列表中选择",
        text,
        parse,
    )
}
