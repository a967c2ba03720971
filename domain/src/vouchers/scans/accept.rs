//! Many scans in one transaction: recognised, judged, and the accepted ones written. Each has a
//! verdict of its own; of two scans of one voucher, or for one person's meal, the first is accepted
//! and the other hears why not.
//!
//! The number of statements does not depend on the number of scans.

use super::{
    facts::{Knowledge, explain},
    recognise::recognise,
    redemption::{NewRedemption, Payment, Redemption, RedemptionState},
    refusal::Refusal,
    scan::{AcceptedScan, Refused, Scan, Subject, Verdict},
};
use crate::{
    audit::Deed,
    kernel::{Random, id::RedemptionId},
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    vouchers::{
        batches::rules::meal::Meal, news, offline::enrol_on_first_use, ports::AcceptOutcome,
    },
};

/// Judgements of a scan that was sound and lost its race. Whoever won has left a reason to refuse
/// the loser; a third time means that it was taken back meanwhile.
const ROUNDS: usize = 3;

/// A scan on its way to a verdict.
struct Case<'a> {
    scan: &'a Scan<'a>,
    subject: Result<Subject, Refusal>,
    verdict: Option<Verdict>,
}

/// One verdict for each scan, in order. Nothing is written about refused ones.
pub(crate) async fn admit(
    tx: &mut dyn Tx,
    random: &dyn Random,
    scans: &[Scan<'_>],
) -> Result<Vec<Verdict>, StoreError> {
    let subjects = recognise(tx, scans).await?;
    let case = |(scan, subject)| Case {
        scan,
        subject,
        verdict: None,
    };
    let mut cases: Vec<Case<'_>> = scans.iter().zip(subjects).map(case).collect();
    for case in &mut cases {
        case.verdict = case
            .subject
            .as_ref()
            .err()
            .map(|reason| Err(refused(*reason, None)));
    }
    for _ in 0..ROUNDS {
        if cases.iter().all(|case| case.verdict.is_some()) {
            break;
        }
        round(tx, random, &mut cases).await?;
    }
    note(tx, random, &cases).await?;
    enrol_on_first_use(
        tx,
        random,
        &cases.iter().filter_map(Case::accepted).collect::<Vec<_>>(),
    )
    .await?;
    let undecided = || StoreError::Conflict {
        constraint: "redemptions".to_owned(),
    };
    let mut verdicts: Vec<_> = cases
        .into_iter()
        .map(|case| case.verdict.ok_or_else(undecided))
        .collect::<Result<_, _>>()?;
    explain(tx, scans, &mut verdicts).await?;
    Ok(verdicts)
}

/// Judges the undecided and writes those that are sound. A lost race stays undecided: what the
/// winner left behind is there to be seen next time.
async fn round(
    tx: &mut dyn Tx,
    random: &dyn Random,
    cases: &mut [Case<'_>],
) -> Result<(), StoreError> {
    let open = |case: &&mut Case<'_>| case.verdict.is_none();
    let undecided: Vec<_> = cases.iter().filter_map(Case::undecided).collect();
    let known = Knowledge::about(tx, &undecided).await?;
    let mut sound = Vec::new();
    for case in cases.iter_mut().filter(open) {
        let Ok(subject) = &case.subject else { continue };
        match known.judge(case.scan, subject)? {
            Ok(meal) => sound.push(redemption(random, case.scan, subject, meal)),
            Err(reason) => case.verdict = Some(Err(refused(reason, Some(subject)))),
        }
    }
    let outcomes = tx.redemptions().accept(&sound).await?;
    let settled = cases
        .iter_mut()
        .filter(open)
        .zip(sound.into_iter().zip(outcomes));
    for (case, (new, outcome)) in settled {
        case.verdict =
            (outcome == AcceptOutcome::Accepted).then(|| Ok(AcceptedScan::of(&new.redemption)));
    }
    Ok(())
}

impl Case<'_> {
    fn accepted(&self) -> Option<(&Scan<'_>, &Subject)> {
        let accepted = self.verdict.as_ref().is_some_and(Result::is_ok);
        self.subject
            .as_ref()
            .ok()
            .filter(|_| accepted)
            .map(|subject| (self.scan, subject))
    }

    fn undecided(&self) -> Option<(&Scan<'_>, &Subject)> {
        let open = self.verdict.is_none();
        self.subject
            .as_ref()
            .ok()
            .filter(|_| open)
            .map(|subject| (self.scan, subject))
    }
}

fn refused(reason: Refusal, subject: Option<&Subject>) -> Refused {
    Refused {
        reason,
        voucher_id: subject.map(|subject| subject.voucher.id),
        used: None,
    }
}

fn redemption(
    random: &dyn Random,
    scan: &Scan<'_>,
    subject: &Subject,
    meal: Meal,
) -> NewRedemption {
    let voucher = &subject.voucher;
    let redemption = Redemption {
        id: RedemptionId::generate(scan.now, random),
        voucher_id: voucher.id,
        batch_id: voucher.batch_id,
        person_id: voucher.person_id,
        station_id: subject.station.id,
        staff_id: scan.actor.account_id,
        device_id: scan.device_id.clone(),
        scan_id: scan.scan_id.to_owned(),
        meal,
        payment: Payment::of(voucher.face_value, scan.price),
        scanned_at: scan.at,
        accepted_at: scan.now,
        state: RedemptionState::Accepted,
    };
    NewRedemption {
        redemption,
        code: subject.code,
        face_value: voucher.face_value,
    }
}

/// Audit rows, and notices to the holders.
async fn note(tx: &mut dyn Tx, random: &dyn Random, cases: &[Case<'_>]) -> Result<(), StoreError> {
    let (mut entries, mut events) = (Vec::new(), Vec::new());
    for case in cases {
        let (Some(Ok(accepted)), Ok(subject)) = (&case.verdict, &case.subject) else {
            continue;
        };
        let deed =
            Deed::new("voucher.redeemed", accepted.redemption_id).within(subject.station.district);
        entries.push(deed.by(case.scan.actor, case.scan.now, random));
        events.push(notice(random, case.scan, subject, accepted));
    }
    tx.audit().append_all(entries).await?;
    tx.outbox().append_all(events).await
}

fn notice(
    random: &dyn Random,
    scan: &Scan<'_>,
    subject: &Subject,
    accepted: &AcceptedScan,
) -> OutboxEvent {
    OutboxEvent::to(subject.voucher.account_id)
        .template(&news::REDEEMED)
        .with("station", &subject.station.name)
        .with("amount", accepted.amount.yuan())
        .about(accepted.voucher_id)
        .at(scan.now, random)
}
