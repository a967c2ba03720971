//! The facts behind a judgement, read for all scans of a transaction at once, and what a refusal is
//! told with.

use std::collections::{HashMap, HashSet};

use super::{
    judge::{Facts, judge},
    recognise::vouchers,
    refusal::Refusal,
    scan::{AcceptedScan, PriorUse, Refused, Scan, Subject, Verdict, Way},
};
use crate::{
    kernel::{
        distinct,
        id::{PersonId, StationId, VoucherBatchId, VoucherId},
    },
    membership::standing::Standing,
    store::{StoreError, Tx},
    vouchers::{
        batches::{
            batch::Batch,
            rules::meal::{Meal, meal_at},
        },
        codes::code::CodeStep,
        wallet::voucher::Voucher,
    },
};

/// Everything that some judgements depend on, as one transaction sees it.
pub(crate) struct Knowledge {
    batches: HashMap<VoucherBatchId, Batch>,
    standings: HashMap<PersonId, Standing>,
    used: HashSet<CodeStep>,
    meals_taken: HashSet<(PersonId, Meal)>,
    vouchers: HashMap<VoucherId, Voucher>,
}

impl Knowledge {
    pub(crate) async fn about(
        tx: &mut dyn Tx,
        of: &[(&Scan<'_>, &Subject)],
    ) -> Result<Self, StoreError> {
        let ids = distinct(of.iter().map(|(_, subject)| subject.voucher.batch_id));
        let batches = tx.voucher_batches().find_many(&ids).await?;
        let batches: HashMap<_, _> = batches.into_iter().map(|batch| (batch.id, batch)).collect();
        let holders = distinct(of.iter().map(|(_, subject)| subject.voucher.person_id));
        let standings = tx.memberships().standings_of(&holders).await?;
        let standings = standings
            .into_iter()
            .map(|standing| (standing.person_id, standing))
            .collect();
        let used = tx
            .voucher_codes()
            .used(&distinct(of.iter().map(|(_, subject)| subject.code)))
            .await?;
        let meals = of.iter().filter_map(|(scan, subject)| {
            let rules = &batches.get(&subject.voucher.batch_id)?.rules;
            Some((subject.voucher.person_id, meal_at(&rules.meals, scan.at)?))
        });
        let meals_taken = tx.redemptions().meals_taken(&distinct(meals)).await?;
        // Last: whoever's commit used a code or took a meal before these reads has used its
        // voucher up as well.
        let vouchers = vouchers(tx, of.iter().map(|(_, subject)| subject.voucher.id)).await?;
        let (used, meals_taken) = (
            used.into_iter().collect(),
            meals_taken.into_iter().collect(),
        );
        Ok(Self {
            batches,
            standings,
            used,
            meals_taken,
            vouchers,
        })
    }

    pub(crate) fn judge(
        &self,
        scan: &Scan<'_>,
        subject: &Subject,
    ) -> Result<Result<Meal, Refusal>, StoreError> {
        let lost = || StoreError::Corrupt {
            table: "vouchers",
            id: subject.voucher.id.to_string(),
        };
        let batch = self
            .batches
            .get(&subject.voucher.batch_id)
            .ok_or_else(lost)?;
        let voucher = self.vouchers.get(&subject.voucher.id).ok_or_else(lost)?;
        let meal = meal_at(&batch.rules.meals, scan.at);
        Ok(judge(&Facts {
            at: scan.at,
            code: subject.code,
            code_is_used: self.used.contains(&subject.code),
            voucher,
            batch,
            station: &subject.station,
            standing: self.standings.get(&voucher.person_id),
            meal_is_taken: meal
                .is_some_and(|meal| self.meals_taken.contains(&(voucher.person_id, meal))),
        }))
    }
}

/// A used voucher says when and where. Where it was used by this very scan, which was uploaded
/// before it came over the network, that is its first answer.
pub(crate) async fn explain(
    tx: &mut dyn Tx,
    scans: &[Scan<'_>],
    verdicts: &mut [Verdict],
) -> Result<(), StoreError> {
    let used = verdicts
        .iter()
        .filter_map(|verdict| verdict.as_ref().err())
        .filter(|refused| is_used(refused));
    let ids = distinct(used.filter_map(|refused| refused.voucher_id));
    if ids.is_empty() {
        return Ok(());
    }
    let live = tx.redemptions().live_of(&ids).await?;
    let stations = tx
        .stations()
        .find_many(&distinct(live.iter().map(|live| live.station_id)))
        .await?;
    let names: HashMap<StationId, String> = stations
        .into_iter()
        .map(|station| (station.id, station.name))
        .collect();
    for (scan, verdict) in scans.iter().zip(verdicts) {
        let Err(refused) = verdict else { continue };
        let of = refused.voucher_id.filter(|_| is_used(refused));
        let Some(live) = live.iter().find(|live| Some(live.voucher_id) == of) else {
            continue;
        };
        if scan.way == Way::Live && scan.made(live) {
            *verdict = Ok(AcceptedScan::of(live));
            continue;
        }
        refused.used = names.get(&live.station_id).map(|name| PriorUse {
            at: live.scanned_at,
            station_id: live.station_id,
            station_name: name.clone(),
        });
    }
    Ok(())
}

fn is_used(refused: &Refused) -> bool {
    refused.reason == Refusal::AlreadyRedeemed
}
