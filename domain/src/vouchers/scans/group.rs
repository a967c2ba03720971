//! One transaction for many scans, of one station or several. Each scan gets an answer of its own,
//! after the commit.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;

use super::{
    accept::admit,
    scan::{Refused, RefusedScan, Scan, ScanOutcome, Sent, Verdict},
    steps::{Fate, Told, answers, leave_out, names, open_scans, replay_all, staff},
};
use crate::{
    kernel::{
        Answer, Foundation, GroupWork,
        group_commit::replay::until_kept,
        id::{RefusedScanId, VoucherBatchId},
        idempotency::kept_form,
    },
    store::{StoreError, Tx},
    vouchers::batches::locked::LockedBatches,
};

pub(crate) struct ScanWork {
    pub foundation: Foundation,
    pub locked: Arc<LockedBatches>,
}

#[async_trait]
impl GroupWork for ScanWork {
    type Request = Sent;
    type Answer = Told;

    async fn carry(&self, sent: &[Sent]) -> Result<Vec<Told>, StoreError> {
        let mut left_out = self
            .locked
            .known(&*self.foundation.store, self.foundation.now())
            .await?;
        loop {
            let told = until_kept(|| self.attempt(sent, &left_out)).await;
            match told {
                Err(StoreError::Locked { row: Some(row), .. })
                    if self.locked.meet(row, &mut left_out, self.foundation.now()) => {}
                told => return told,
            }
        }
    }
}

impl ScanWork {
    /// `None`: somebody else answered one of the scan ids since it was looked up, and nothing was
    /// committed.
    async fn attempt(
        &self,
        sent: &[Sent],
        left_out: &HashSet<VoucherBatchId>,
    ) -> Result<Option<Vec<Told>>, StoreError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let mut fates = staff(&mut *tx, sent, now).await?;
        replay_all(&mut *tx, sent, &mut fates).await?;
        leave_out(&mut *tx, sent, &mut fates, left_out).await?;
        let decided = self.decide(&mut *tx, sent, &fates).await?;
        let names = names(&mut *tx, &fates, &decided).await?;
        if !decided.is_empty() {
            let kept = |(n, outcome): &(usize, ScanOutcome)| {
                let request = &sent[*n].request;
                Ok((request, kept_form(request, outcome)?))
            };
            let kept = decided
                .iter()
                .map(kept)
                .collect::<Result<Vec<_>, StoreError>>()?;
            if !tx.idempotency().keep(kept, now).await? {
                return Ok(None);
            }
            tx.commit().await?;
        }
        for (n, outcome) in decided {
            fates[n] = Fate::Decided(Answer::fresh(outcome));
        }
        Ok(Some(answers(fates, &names)))
    }

    /// Judges and writes what nobody answered before.
    async fn decide(
        &self,
        tx: &mut dyn Tx,
        sent: &[Sent],
        fates: &[Fate],
    ) -> Result<Vec<(usize, ScanOutcome)>, StoreError> {
        let (places, scans) = open_scans(sent, fates);
        if scans.is_empty() {
            return Ok(Vec::new());
        }
        let verdicts = admit(tx, self.foundation.random(), &scans).await?;
        let refused = scans.iter().zip(&verdicts);
        let lines = refused
            .filter_map(|(scan, verdict)| Some(self.log_line(scan, verdict.as_ref().err()?)));
        tx.redemptions().refuse(&lines.collect::<Vec<_>>()).await?;
        Ok(places
            .into_iter()
            .zip(verdicts.into_iter().map(outcome))
            .collect())
    }

    fn log_line(&self, scan: &Scan<'_>, refused: &Refused) -> RefusedScan {
        RefusedScan {
            id: RefusedScanId::generate(scan.now, self.foundation.random()),
            at: scan.now,
            scanned_at: scan.at,
            station_id: scan.station_id,
            staff_id: scan.actor.account_id,
            device_id: scan.device_id.clone(),
            scan_id: scan.scan_id.to_owned(),
            reason: refused.reason,
            voucher_id: refused.voucher_id,
        }
    }
}

fn outcome(verdict: Verdict) -> ScanOutcome {
    match verdict {
        Ok(accepted) => ScanOutcome::Accepted(accepted),
        Err(refused) => ScanOutcome::Refused {
            reason: refused.reason,
            used: refused.used,
        },
    }
}
