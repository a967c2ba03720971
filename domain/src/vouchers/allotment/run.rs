//! Carrying allotments out in rounds.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{AllotmentRun, AllotmentService, AllotmentState, ports::Candidate};
use crate::{
    audit::Deed,
    kernel::{
        id::VoucherId,
        rounds::{Rounds, run_due},
        values::local_time,
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        batches::{
            batch::{Batch, BatchStatus},
            distribute::batch_of,
            rules::eligibility::Condition,
        },
        news,
        ports::IssueOutcome,
        wallet::voucher::Voucher,
    },
};

/// What one member gets.
enum Due {
    Voucher(Box<Voucher>),
    Nothing(Condition),
}

impl AllotmentService {
    /// One round of at most `limit` members for each run that is due; returns how much was done.
    pub async fn run_due(&self, limit: u64) -> Result<u64, VoucherError> {
        run_due(&self.foundation, self, limit).await
    }
}

#[async_trait]
impl Rounds for AllotmentService {
    type Run = AllotmentRun;
    type Error = VoucherError;

    async fn due(
        &self,
        tx: &mut dyn Tx,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<AllotmentRun>, StoreError> {
        tx.allotment_runs().due(now, limit).await
    }

    async fn take(&self, tx: &mut dyn Tx, run: &AllotmentRun) -> Result<bool, StoreError> {
        tx.allotment_runs().take_round(run).await
    }

    async fn work(
        &self,
        tx: &mut dyn Tx,
        run: AllotmentRun,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, VoucherError> {
        let batch = batch_of(tx, run.batch_id).await?;
        let after = match batch.status(now) {
            BatchStatus::Running => self.grant_some(tx, &batch, run, limit, now).await?,
            BatchStatus::Paused => None,
            _ => Some(run.ended(AllotmentState::Stopped, now)),
        };
        // Paused or stopped at this very moment: nothing of this round holds.
        let Some(after) = after else { return Ok(None) };
        tx.allotment_runs().save(&after).await?;
        self.note(tx, &batch, &after, now).await?;
        Ok(Some(1))
    }
}

impl AllotmentService {
    async fn grant_some(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        run: AllotmentRun,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<AllotmentRun>, VoucherError> {
        let mut run = AllotmentRun {
            state: AllotmentState::Running,
            started_at: run.started_at.or(Some(now)),
            ..run
        };
        let members = tx
            .allotment_runs()
            .candidates(batch.district, run.cursor, limit)
            .await?;
        if members.is_empty() {
            return Ok(Some(run.ended(AllotmentState::Finished, now)));
        }
        let dues: Vec<_> = members
            .iter()
            .map(|member| self.due(batch, member, now))
            .collect();
        let vouchers: Vec<_> = dues.iter().filter_map(voucher_of).cloned().collect();
        let outcomes = tx
            .vouchers()
            .issue(batch, local_time::date_of(now), &vouchers)
            .await?;
        if outcomes.contains(&IssueOutcome::Shut) {
            return Ok(None);
        }
        let mut outcomes = outcomes.into_iter();
        for (member, due) in members.iter().zip(&dues) {
            match (due, voucher_of(due).and_then(|_| outcomes.next())) {
                (Due::Voucher(voucher), Some(IssueOutcome::Issued)) => {
                    run.issued += 1;
                    tx.outbox().append(self.told(batch, voucher, now)).await?;
                }
                (Due::Voucher(_), Some(IssueOutcome::PersonLimit)) => {
                    run.skipped.count(Condition::PersonLimit)
                }
                (Due::Nothing(condition), _) => run.skipped.count(*condition),
                // This member is the first to be looked at when there is more.
                (Due::Voucher(_), _) => return Ok(Some(run.ended(AllotmentState::Exhausted, now))),
            }
            run.considered += 1;
            run.cursor = Some(member.standing.membership_id);
        }
        Ok(Some(run))
    }

    fn due(&self, batch: &Batch, member: &Candidate, now: DateTime<Utc>) -> Due {
        match batch
            .rules
            .eligibility
            .missing(Some(&member.standing))
            .first()
        {
            Some(condition) => Due::Nothing(*condition),
            None => {
                let id = VoucherId::generate(now, self.foundation.random());
                let person = member.standing.person_id;
                Due::Voucher(Box::new(Voucher::issue(
                    id,
                    batch,
                    person,
                    member.account_id,
                    now,
                )))
            }
        }
    }

    fn told(&self, batch: &Batch, voucher: &Voucher, now: DateTime<Utc>) -> OutboxEvent {
        OutboxEvent::to(voucher.account_id)
            .template(&news::ALLOTTED)
            .with("batch", &batch.name)
            .about(voucher.id)
            .at(now, self.foundation.random())
    }

    async fn note(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        run: &AllotmentRun,
        now: DateTime<Utc>,
    ) -> Result<(), VoucherError> {
        let deed = Deed::new("voucher_grant.advanced", batch.id).within(batch.district);
        let detail = json!({ "state": run.state.code(), "considered": run.considered, "issued": run.issued });
        tx.audit()
            .append(deed.with(detail).by_system(
                "job:voucher_grants",
                now,
                self.foundation.random(),
            ))
            .await?;
        Ok(())
    }
}

fn voucher_of(due: &Due) -> Option<&Voucher> {
    match due {
        Due::Voucher(voucher) => Some(voucher),
        Due::Nothing(_) => None,
    }
}
