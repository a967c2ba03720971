//! Stations without a network: scanners are registered, take a pack of vouchers along, hand in
//! what they served, and what does not add up goes to people.

mod devices;
mod disputes;
mod packs;
mod uploads;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(devices::enrol_station_device)
        .service(devices::list_station_devices)
        .service(devices::revoke_station_device)
        .service(devices::write_off_station_device)
        .service(packs::get_scan_pack)
        .service(packs::get_scan_pack_key)
        .service(uploads::upload_redemptions)
        .service(disputes::list_disputed_scans)
        .service(disputes::resolve_disputed_scan);
}
