//! A device that scans with success for the first time is enrolled by that: trust on first use. At
//! a station that has as many devices as it may, it scans on over the network and gets no pack.

use std::collections::BTreeMap;

use serde_json::json;

use super::device::StationDevice;
use crate::{
    audit::Deed,
    kernel::{
        Random,
        id::{StationDeviceId, StationId},
    },
    store::{StoreError, Tx},
    vouchers::{
        offline::{policy::DEVICES_PER_STATION, ports::Enrolment},
        scans::scan::{Scan, Subject},
    },
};

/// `accepted` in the order in which they were made.
pub(in crate::vouchers) async fn enrol_on_first_use(
    tx: &mut dyn Tx,
    random: &dyn Random,
    accepted: &[(&Scan<'_>, &Subject)],
) -> Result<(), StoreError> {
    let mut devices: BTreeMap<(StationId, String), (&Scan<'_>, &Subject)> = BTreeMap::new();
    for (scan, subject) in accepted.iter().filter(|(_, subject)| !subject.is_enrolled) {
        devices
            .entry((scan.station_id, scan.device_id.clone()))
            .or_insert((scan, subject));
    }
    // In one order, so that two processes never wait for each other.
    for ((station, name), (scan, subject)) in devices {
        let id = StationDeviceId::generate(scan.now, random);
        let device = StationDevice::enrol(id, station, name, scan.actor.account_id, scan.now);
        if tx
            .station_devices()
            .enrol(&device, DEVICES_PER_STATION)
            .await?
            == Enrolment::Enrolled
        {
            let deed = Deed::new("station_device.enrolled", id).within(subject.station.district);
            let deed = deed.with(
                json!({ "station": station, "device": device.device_id, "by": "first_scan" }),
            );
            tx.audit()
                .append(deed.by(scan.actor, scan.now, random))
                .await?;
        }
    }
    Ok(())
}
