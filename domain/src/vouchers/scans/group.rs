//! One transaction for many scans, of one station or several. Each scan gets an answer of its own,
//! after the commit.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    accept::admit,
    recognise::{distinct, recognise},
    scan::{Refused, RefusedScan, Scan, ScanAnswer, ScanOutcome, Sent, Verdict},
};
use crate::{
    kernel::{
        AccessError, Actor, Answer, Foundation, GroupWork,
        group_commit::replay::{Replay, replays, twins_answer, until_kept},
        id::{PersonId, RefusedScanId, VoucherBatchId},
        idempotency::{answer_of, kept_form},
    },
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        batches::locked::{LockedBatches, locked_elsewhere},
    },
};

pub(crate) struct ScanWork {
    pub foundation: Foundation,
    pub locked: Arc<LockedBatches>,
}

/// Where a scan of the group stands.
enum Fate {
    /// Staff with a live session; to be judged.
    Open(Actor),
    Decided(Answer<ScanOutcome>),
    /// The same request is in this group already, at that place.
    TwinOf(usize),
    Turned(VoucherError),
}

type Told = Result<Answer<ScanAnswer>, VoucherError>;
type Names = HashMap<PersonId, String>;

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

/// Whose session has ended, or who works at no station, goes no further.
async fn staff(
    tx: &mut dyn Tx,
    sent: &[Sent],
    now: DateTime<Utc>,
) -> Result<Vec<Fate>, StoreError> {
    let bearers: Vec<_> = sent.iter().map(|sent| &sent.bearer).collect();
    let fate = |actor: Option<Actor>| match actor {
        None => Fate::Turned(AccessError::SignedOut.into()),
        Some(actor) => match actor.require_staff() {
            Ok(_) => Fate::Open(actor),
            Err(error) => Fate::Turned(error.into()),
        },
    };
    Ok(tx
        .sessions()
        .actors(&bearers, now)
        .await?
        .into_iter()
        .map(fate)
        .collect())
}

/// The same scan id gets the first answer, before any rule.
async fn replay_all(tx: &mut dyn Tx, sent: &[Sent], fates: &mut [Fate]) -> Result<(), StoreError> {
    let open = fates
        .iter()
        .zip(sent)
        .enumerate()
        .filter(|(_, (fate, _))| matches!(fate, Fate::Open(_)));
    let requests: Vec<_> = open.map(|(n, (_, sent))| (n, &sent.request)).collect();
    for (n, replayed) in replays(tx, &requests).await? {
        match replayed {
            Replay::Fresh => {}
            Replay::Answered(json) => {
                fates[n] = Fate::Decided(Answer::again(answer_of(&sent[n].request, json)?))
            }
            Replay::TwinOf(first) => fates[n] = Fate::TwinOf(first),
            Replay::Refused(error) => fates[n] = Fate::Turned(error.into()),
        }
    }
    Ok(())
}

/// To be judged, and their places.
fn open_scans<'a>(sent: &'a [Sent], fates: &'a [Fate]) -> (Vec<usize>, Vec<Scan<'a>>) {
    let scan = |(n, (sent, fate)): (usize, (&'a Sent, &'a Fate))| match fate {
        Fate::Open(actor) => Some((n, sent.by(actor))),
        Fate::Decided(_) | Fate::TwinOf(_) | Fate::Turned(_) => None,
    };
    sent.iter().zip(fates).enumerate().filter_map(scan).unzip()
}

/// Whose batch is held elsewhere comes back in a moment; the others need not wait for it.
async fn leave_out(
    tx: &mut dyn Tx,
    sent: &[Sent],
    fates: &mut [Fate],
    locked: &HashSet<VoucherBatchId>,
) -> Result<(), StoreError> {
    if locked.is_empty() {
        return Ok(());
    }
    let (places, scans) = open_scans(sent, fates);
    let subjects = recognise(tx, &scans).await?;
    for (n, subject) in places.into_iter().zip(subjects) {
        if let Ok(subject) = subject
            && locked.contains(&subject.voucher.batch_id)
        {
            fates[n] = Fate::Turned(locked_elsewhere(subject.voucher.batch_id).into());
        }
    }
    Ok(())
}

/// Masked names of the holders: never kept with an answer, read anew for each that is given.
async fn names(
    tx: &mut dyn Tx,
    fates: &[Fate],
    decided: &[(usize, ScanOutcome)],
) -> Result<Names, StoreError> {
    let again = fates.iter().filter_map(|fate| match fate {
        Fate::Decided(answer) => Some(&answer.value),
        Fate::Open(_) | Fate::TwinOf(_) | Fate::Turned(_) => None,
    });
    let holders = again
        .chain(decided.iter().map(|(_, outcome)| outcome))
        .filter_map(|outcome| match outcome {
            ScanOutcome::Accepted(scan) => Some(scan.person_id),
            ScanOutcome::Refused { .. } => None,
        });
    Ok(tx
        .persons()
        .masked_names(&distinct(holders))
        .await?
        .into_iter()
        .collect())
}

fn answers(fates: Vec<Fate>, names: &Names) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::with_capacity(fates.len());
    for fate in fates {
        let answer = match fate {
            Fate::Decided(answer) => Ok(answer.map(|outcome| outcome.told(names))),
            Fate::TwinOf(first) => twins_answer(told.get(first)),
            Fate::Turned(error) => Err(error),
            Fate::Open(_) => Err(VoucherError::ChangedMeanwhile),
        };
        told.push(answer);
    }
    told
}
