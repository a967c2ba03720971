//! Uploaded scans judged as of when they were made: was the device allowed to scan then, does the
//! day's cap hold, and everything that a live scan is judged by.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::{item::Item, upload::ItemOutcome};
use crate::{
    kernel::{
        Actor, Fen, Random,
        id::{StationDeviceId, VoucherId},
        values::local_time,
    },
    store::{StoreError, Tx},
    vouchers::{
        codes::code::ScannedCode,
        offline::{OfflineError, devices::device::StationDevice, disputes::dispute::DisputeReason},
        scans::{
            accept::admit,
            judge::MAX_CLOCK_SKEW,
            redemption::{Payment, Redemption},
            refusal::Refusal,
            scan::{AcceptedScan, Scan, Way},
        },
        wallet::voucher::Voucher,
    },
};

/// What became of an item, and the voucher that its code names.
pub(crate) struct ItemVerdict {
    pub(crate) result: Result<ItemOutcome, DisputeReason>,
    pub(crate) voucher: Option<Voucher>,
}

/// One verdict for each item, in order; the earlier of two for one voucher or meal wins.
pub(crate) async fn judge_uploads(
    tx: &mut dyn Tx,
    random: &dyn Random,
    actor: &Actor,
    device: &StationDevice,
    items: &[&Item],
    now: DateTime<Utc>,
) -> Result<Vec<ItemVerdict>, OfflineError> {
    let ids: Vec<VoucherId> = items.iter().map(|item| item.code.step.voucher_id).collect();
    let found = tx.vouchers().find_many(&ids).await?;
    let vouchers: HashMap<VoucherId, Voucher> = found
        .into_iter()
        .map(|voucher| (voucher.id, voucher))
        .collect();
    let mut results = beforehand(tx, device, items, now).await?;
    loop {
        let open: Vec<usize> = (0..items.len()).filter(|n| results[*n].is_none()).collect();
        if open.is_empty() {
            break;
        }
        let costs: Vec<_> = open.iter().map(|n| cost(items[*n], &vouchers)).collect();
        let (within, beyond) = within_caps(tx, device.id, &open, &costs).await?;
        let scans: Vec<_> = within
            .iter()
            .map(|n| scan(actor, device, items[*n], now))
            .collect();
        let verdicts = admit(tx, random, &scans).await?;
        let refused: Vec<VoucherId> = verdicts
            .iter()
            .filter_map(|verdict| verdict.as_ref().err()?.voucher_id)
            .collect();
        let live = tx.redemptions().live_of(&refused).await?;
        let mut gave_back = false;
        for ((n, scan), verdict) in within.iter().zip(&scans).zip(verdicts) {
            let item = items[*n];
            let result = verdict
                .map(|accepted| outcome(&accepted))
                .map_err(|refused| refused.reason);
            if result.is_err() {
                let (day, fen) = cost(item, &vouchers);
                tx.offline_scans().give_back(device.id, day, 1, fen).await?;
                gave_back = true;
            }
            results[*n] =
                Some(result.or_else(|reason| first_answer(scan, item, &live).ok_or(reason.into())));
        }
        // What was given back may do for those beyond the caps.
        if beyond.is_empty() || !gave_back {
            break;
        }
    }
    let verdict = |(item, result): (&&Item, Option<_>)| ItemVerdict {
        result: result.unwrap_or(Err(DisputeReason::CapExceeded)),
        voucher: vouchers.get(&item.code.step.voucher_id).cloned(),
    };
    Ok(items.iter().zip(results).map(verdict).collect())
}

type Ruling = Option<Result<ItemOutcome, DisputeReason>>;

/// What is refused before anything else is asked: a revoked device, a clock that cannot be
/// believed, and what was refused when the very same scan came over the network.
async fn beforehand(
    tx: &mut dyn Tx,
    device: &StationDevice,
    items: &[&Item],
    now: DateTime<Utc>,
) -> Result<Vec<Ruling>, StoreError> {
    let Some(earliest) = items.iter().map(|item| item.at).min() else {
        return Ok(Vec::new());
    };
    let days: HashMap<NaiveDate, DateTime<Utc>> = tx
        .offline_scans()
        .days(device.id)
        .await?
        .into_iter()
        .collect();
    let ids: Vec<String> = items.iter().map(|item| item.scan_id.clone()).collect();
    let live = tx
        .offline_scans()
        .refused_live(device, &ids, earliest - MAX_CLOCK_SKEW)
        .await?;
    let live: HashMap<String, Refusal> = live.into_iter().collect();
    let ruling = |item: &&Item| {
        let opened = days.get(&local_time::date_of(item.at));
        let in_time = opened.is_some_and(|since| item.at >= *since - MAX_CLOCK_SKEW)
            && item.at <= now + MAX_CLOCK_SKEW;
        let refusal = match live.get(&item.scan_id) {
            _ if device.is_revoked() => Some(Refusal::DeviceRevoked),
            Some(refusal) => Some(*refusal),
            None => (!in_time).then_some(Refusal::ClockSkew),
        };
        refusal.map(|refusal| Err(refusal.into()))
    };
    Ok(items.iter().map(ruling).collect())
}

/// Which day's cap a scan counts against, and with how much.
fn cost(item: &Item, vouchers: &HashMap<VoucherId, Voucher>) -> (NaiveDate, Fen) {
    let voucher = vouchers.get(&item.code.step.voucher_id);
    let amount = voucher.map(|voucher| Payment::of(voucher.face_value, item.price).amount);
    (local_time::date_of(item.at), amount.unwrap_or_default())
}

/// Takes the caps of each day for all of its scans at once, or for one after the other where they
/// do not all fit.
async fn within_caps(
    tx: &mut dyn Tx,
    device: StationDeviceId,
    open: &[usize],
    costs: &[(NaiveDate, Fen)],
) -> Result<(Vec<usize>, Vec<usize>), StoreError> {
    let mut days: BTreeMap<NaiveDate, Vec<(usize, Fen)>> = BTreeMap::new();
    for (n, (day, fen)) in open.iter().zip(costs) {
        days.entry(*day).or_default().push((*n, *fen));
    }
    let (mut within, mut beyond) = (Vec::new(), Vec::new());
    for (day, scans) in days {
        let total = scans
            .iter()
            .try_fold(Fen::ZERO, |total, (_, fen)| total.checked_add(*fen));
        let count = u32::try_from(scans.len()).unwrap_or(u32::MAX);
        if tx
            .offline_scans()
            .take(device, day, count, total.unwrap_or_default())
            .await?
        {
            within.extend(scans.iter().map(|(n, _)| *n));
            continue;
        }
        for (n, fen) in scans {
            let fits = tx.offline_scans().take(device, day, 1, fen).await?;
            if fits { within.push(n) } else { beyond.push(n) }
        }
    }
    within.sort_unstable();
    Ok((within, beyond))
}

fn scan<'a>(
    actor: &'a Actor,
    device: &StationDevice,
    item: &'a Item,
    now: DateTime<Utc>,
) -> Scan<'a> {
    Scan {
        actor,
        scan_id: &item.scan_id,
        code: Some(ScannedCode::Payload(item.code)),
        station_id: device.station_id,
        device_id: device.device_id.clone(),
        way: Way::Uploaded,
        at: item.at,
        now,
        price: item.price,
    }
}

fn outcome(accepted: &AcceptedScan) -> ItemOutcome {
    ItemOutcome::Accepted {
        redemption_id: accepted.redemption_id,
        voucher_id: accepted.voucher_id,
        amount: accepted.amount,
        copay: accepted.copay,
    }
}

/// The voucher was used by this very scan, which came over the network after all: its answer was
/// lost.
fn first_answer(scan: &Scan<'_>, item: &Item, live: &[Redemption]) -> Option<ItemOutcome> {
    let same = |it: &&Redemption| it.voucher_id == item.code.step.voucher_id && scan.made(it);
    live.iter()
        .find(same)
        .map(|it| outcome(&AcceptedScan::of(it)))
}

impl From<Refusal> for DisputeReason {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
