//! The steps of a group of scans beside the judgement, in their order. Each asks the database once
//! for all of them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{
    recognise::recognise,
    scan::{Scan, ScanAnswer, ScanOutcome, Sent},
};
use crate::{
    kernel::{
        AccessError, Actor, Answer, distinct,
        group_commit::replay::{Replay, replays, twins_answer},
        id::{PersonId, VoucherBatchId},
        idempotency::answer_of,
    },
    store::{StoreError, Tx},
    vouchers::{VoucherError, batches::locked::locked_elsewhere},
};

pub(super) type Told = Result<Answer<ScanAnswer>, VoucherError>;
pub(super) type Names = HashMap<PersonId, String>;

/// Where a scan of the group stands.
pub(super) enum Fate {
    /// Staff with a live session; to be judged.
    Open(Actor),
    Decided(Answer<ScanOutcome>),
    /// The same request is in this group already, at that place.
    TwinOf(usize),
    Turned(VoucherError),
}

/// Whose session has ended, or who works at no station, goes no further.
pub(super) async fn staff(
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
pub(super) async fn replay_all(
    tx: &mut dyn Tx,
    sent: &[Sent],
    fates: &mut [Fate],
) -> Result<(), StoreError> {
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
pub(super) fn open_scans<'a>(sent: &'a [Sent], fates: &'a [Fate]) -> (Vec<usize>, Vec<Scan<'a>>) {
    let scan = |(n, (sent, fate)): (usize, (&'a Sent, &'a Fate))| match fate {
        Fate::Open(actor) => Some((n, sent.by(actor))),
        Fate::Decided(_) | Fate::TwinOf(_) | Fate::Turned(_) => None,
    };
    sent.iter().zip(fates).enumerate().filter_map(scan).unzip()
}

/// Whose batch is held elsewhere comes back in a moment; the others need not wait for it.
pub(super) async fn leave_out(
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
pub(super) async fn names(
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

pub(super) fn answers(fates: Vec<Fate>, names: &Names) -> Vec<Told> {
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
