//! What the database knows about a scan: who, which voucher, and the facts to judge.

use super::{
    VoucherError,
    code::{CodeStep, ScannedCode},
    judge::{Facts, is_clock_skewed, judge},
    meal::{Meal, meal_at},
    refusal::Refusal,
    scan::{PriorUse, Refused, Scan, Subject},
};
use crate::store::{StoreError, Tx};

/// Who scans, when, and which voucher: without these there is nothing to judge.
pub(super) async fn recognise(tx: &mut dyn Tx, scan: &Scan<'_>) -> Result<Result<Subject, Refusal>, VoucherError> {
    let station = match scan.actor.stations().contains(&scan.station_id) {
        true => tx.stations().find(scan.station_id).await?,
        false => None,
    };
    let Some(station) = station else { return Ok(Err(Refusal::StaffNotBound)) };
    if is_clock_skewed(scan.at, scan.now) {
        return Ok(Err(Refusal::ClockSkew));
    }
    let Some(code) = authentic(tx, scan).await? else { return Ok(Err(Refusal::InvalidCode)) };
    let voucher = tx.vouchers().find_many(&[code.voucher_id]).await?.into_iter().next();
    Ok(voucher.map(|voucher| Subject { code, voucher, station }).ok_or(Refusal::InvalidCode))
}

/// The step that the code proves to be of; `None` for anything we did not hand out.
async fn authentic(tx: &mut dyn Tx, scan: &Scan<'_>) -> Result<Option<CodeStep>, VoucherError> {
    match &scan.code {
        None => Ok(None),
        Some(ScannedCode::Short(digits)) => Ok(tx
            .voucher_codes()
            .steps_of(std::slice::from_ref(digits))
            .await?
            .into_iter()
            .next()
            .map(|(_, step)| step)),
        Some(ScannedCode::Payload(candidate)) => {
            let of = (candidate.step.voucher_id, candidate.step.device_no);
            let secret = tx.voucher_codes().secrets(&[of]).await?.into_iter().next();
            Ok(secret.filter(|(_, secret)| candidate.is_authentic(secret)).map(|_| candidate.step))
        }
    }
}

pub(super) async fn judged(
    tx: &mut dyn Tx,
    scan: &Scan<'_>,
    subject: &Subject,
) -> Result<Result<Meal, Refusal>, VoucherError> {
    let lost = || StoreError::Corrupt { table: "vouchers", id: subject.voucher.id.to_string() };
    let (holder, batch_id) = (subject.voucher.person_id, subject.voucher.batch_id);
    let batch = tx.voucher_batches().find_many(&[batch_id]).await?.into_iter().next().ok_or_else(lost)?;
    let standing = tx.memberships().standing_of(holder).await?;
    let burnt = tx.voucher_codes().burnt(&[subject.code]).await?;
    let taken = match meal_at(&batch.rules.meals, scan.at) {
        Some(meal) => tx.redemptions().meals_taken(&[(holder, meal)]).await?,
        None => Vec::new(),
    };
    // Last: whoever's commit burnt the code or took the meal before these reads has used its voucher up as well.
    let voucher = tx.vouchers().find_many(&[subject.voucher.id]).await?.into_iter().next().ok_or_else(lost)?;
    Ok(judge(&Facts {
        at: scan.at,
        code: subject.code,
        code_is_burnt: !burnt.is_empty(),
        voucher: &voucher,
        batch: &batch,
        station: &subject.station,
        standing: standing.as_ref(),
        meal_is_taken: !taken.is_empty(),
    }))
}

/// A used voucher says when and where.
pub(super) async fn explained(tx: &mut dyn Tx, reason: Refusal, subject: &Subject) -> Result<Refused, VoucherError> {
    let voucher_id = Some(subject.voucher.id);
    if reason != Refusal::AlreadyRedeemed {
        return Ok(Refused { reason, voucher_id, used: None });
    }
    let live = tx.redemptions().live_of(&[subject.voucher.id]).await?.into_iter().next();
    let used = match live {
        None => None,
        Some(live) => tx.stations().find(live.station_id).await?.map(|station| PriorUse {
            at: live.scanned_at,
            station_id: station.id,
            station_name: station.name,
        }),
    };
    Ok(Refused { reason, voucher_id, used })
}
