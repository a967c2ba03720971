//! Stations without a network over HTTP.

mod device_view;
mod devices;
mod dispute_view;
mod disputes;
mod pack_view;
mod packs;
mod upload_view;
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
