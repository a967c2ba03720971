//! Who scans, where, and which voucher: without these there is nothing to judge. Each question is
//! asked once for all scans of a transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    judge::is_clock_skewed,
    refusal::Refusal,
    scan::{Scan, Subject, Way},
};
use crate::{
    kernel::{
        distinct,
        id::{StationId, VoucherId},
    },
    stations::station::Station,
    store::{StoreError, Tx},
    vouchers::{
        codes::code::{CodeSecret, CodeStep, ScannedCode},
        wallet::voucher::Voucher,
    },
};

/// One answer for each scan, in order.
pub(crate) async fn recognise(
    tx: &mut dyn Tx,
    scans: &[Scan<'_>],
) -> Result<Vec<Result<Subject, Refusal>>, StoreError> {
    let stations = stations(tx, scans).await?;
    let devices = devices(tx, scans).await?;
    let is_revoked =
        |scan: &Scan<'_>| devices.get(&(scan.station_id, scan.device_id.clone())) == Some(&true);
    let admitted: Vec<_> = scans
        .iter()
        .map(|scan| who_and_when(scan, &stations, is_revoked(scan)))
        .collect();
    let codes = Codes::of(
        tx,
        scans
            .iter()
            .zip(&admitted)
            .filter(|(_, at)| at.is_ok())
            .map(|(scan, _)| scan),
    )
    .await?;
    let steps: Vec<_> = scans.iter().map(|scan| codes.authentic(scan)).collect();
    let vouchers = vouchers(tx, steps.iter().flatten().map(|step| step.voucher_id)).await?;
    let subject =
        |((scan, admitted), step): ((&Scan<'_>, Result<&Station, Refusal>), Option<CodeStep>)| {
            let station = admitted?.clone();
            let known = step.and_then(|code| Some((code, vouchers.get(&code.voucher_id)?.clone())));
            let (code, voucher) = known.ok_or(Refusal::InvalidCode)?;
            let is_enrolled = scan.way == Way::Uploaded
                || devices.contains_key(&(scan.station_id, scan.device_id.clone()));
            Ok(Subject {
                code,
                voucher,
                station,
                is_enrolled,
            })
        };
    Ok(scans.iter().zip(admitted).zip(steps).map(subject).collect())
}

async fn stations(
    tx: &mut dyn Tx,
    scans: &[Scan<'_>],
) -> Result<HashMap<StationId, Station>, StoreError> {
    let bound = scans
        .iter()
        .filter(|scan| scan.actor.stations().contains(&scan.station_id));
    let ids = distinct(bound.map(|scan| scan.station_id));
    Ok(tx
        .stations()
        .find_many(&ids)
        .await?
        .into_iter()
        .map(|station| (station.id, station))
        .collect())
}

/// Whether each enrolled device is revoked. Uploads ask for themselves.
async fn devices(
    tx: &mut dyn Tx,
    scans: &[Scan<'_>],
) -> Result<HashMap<(StationId, String), bool>, StoreError> {
    let live = scans.iter().filter(|scan| scan.way == Way::Live);
    let devices = distinct(live.map(|scan| (scan.station_id, scan.device_id.clone())));
    Ok(tx
        .station_devices()
        .known(&devices)
        .await?
        .into_iter()
        .collect())
}

/// The station at which these staff may scan now, with this device.
fn who_and_when<'a>(
    scan: &Scan<'_>,
    stations: &'a HashMap<StationId, Station>,
    is_revoked: bool,
) -> Result<&'a Station, Refusal> {
    let bound = scan.actor.stations().contains(&scan.station_id);
    let station = stations
        .get(&scan.station_id)
        .filter(|_| bound)
        .ok_or(Refusal::StaffNotBound)?;
    if is_revoked {
        return Err(Refusal::DeviceRevoked);
    }
    match scan.way {
        Way::Live if is_clock_skewed(scan.at, scan.now) => Err(Refusal::ClockSkew),
        Way::Live | Way::Uploaded => Ok(station),
    }
}

/// What the codes of some scans are checked against.
#[derive(Default)]
struct Codes {
    secrets: HashMap<(VoucherId, u16), CodeSecret>,
    /// Of uploaded scans: what was in force then.
    then: HashMap<(VoucherId, u16, DateTime<Utc>), CodeSecret>,
    short: HashMap<String, CodeStep>,
}

impl Codes {
    async fn of<'a>(
        tx: &mut dyn Tx,
        scans: impl Iterator<Item = &'a Scan<'a>>,
    ) -> Result<Self, StoreError> {
        let (mut devices, mut then, mut digits) = (Vec::new(), Vec::new(), Vec::new());
        for scan in scans {
            match &scan.code {
                Some(ScannedCode::Payload(candidate)) => {
                    let CodeStep {
                        voucher_id,
                        device_no,
                        ..
                    } = candidate.step;
                    match scan.way {
                        Way::Live => devices.push((voucher_id, device_no)),
                        Way::Uploaded => then.push((voucher_id, device_no, scan.at)),
                    }
                }
                Some(ScannedCode::Short(text)) => digits.push(text.clone()),
                None => {}
            }
        }
        let mut codes = Self::default();
        if !devices.is_empty() {
            codes
                .secrets
                .extend(tx.voucher_codes().secrets(&distinct(devices)).await?);
        }
        if !then.is_empty() {
            codes
                .then
                .extend(tx.voucher_codes().secrets_then(&distinct(then)).await?);
        }
        if !digits.is_empty() {
            codes
                .short
                .extend(tx.voucher_codes().steps_of(&distinct(digits)).await?);
        }
        Ok(codes)
    }

    /// The step that the code proves to be of; `None` for anything we did not hand out.
    fn authentic(&self, scan: &Scan<'_>) -> Option<CodeStep> {
        match scan.code.as_ref()? {
            ScannedCode::Short(digits) => self.short.get(digits).copied(),
            ScannedCode::Payload(candidate) => {
                let CodeStep {
                    voucher_id,
                    device_no,
                    ..
                } = candidate.step;
                let secret = match scan.way {
                    Way::Live => self.secrets.get(&(voucher_id, device_no))?,
                    Way::Uploaded => self.then.get(&(voucher_id, device_no, scan.at))?,
                };
                candidate.is_authentic(secret).then_some(candidate.step)
            }
        }
    }
}

pub(crate) async fn vouchers(
    tx: &mut dyn Tx,
    ids: impl Iterator<Item = VoucherId>,
) -> Result<HashMap<VoucherId, Voucher>, StoreError> {
    let found = tx.vouchers().find_many(&distinct(ids)).await?;
    Ok(found
        .into_iter()
        .map(|voucher| (voucher.id, voucher))
        .collect())
}
