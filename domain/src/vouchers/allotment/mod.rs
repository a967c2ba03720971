//! Vouchers without asking: every member of the batch's district who meets its conditions gets one,
//! as soon as the batch runs. The run walks over the members in order of their membership ids, a
//! bounded transaction at a time; its cursor is in the database.
//!
//! Run: `waiting → running → finished | exhausted | stopped`. `exhausted` (quota or budget) goes on
//! when a cadre adds to them; members who join behind the cursor get theirs, those who join after
//! the end do not.

pub mod ports;

mod run;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{VoucherError, batches::rules::eligibility::Condition};
use crate::kernel::{
    AccessError, Actor, Foundation,
    coded::coded,
    id::{MembershipId, VoucherBatchId},
};

/// Use cases on grant runs.
#[derive(Clone)]
pub struct AllotmentService {
    pub foundation: Foundation,
}

coded! {
    AllotmentState {
        Waiting "waiting",
        Running "running",
        /// Everybody was looked at.
        Finished "finished",
        /// Quota or budget was used up before.
        Exhausted "exhausted",
        /// The batch was stopped, or over, before.
        Stopped "stopped",
    }
}

/// Members who got nothing, by the first condition they lack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub standing_level: i64,
    pub occupation: i64,
    pub district: i64,
    /// Had one before.
    pub person_limit: i64,
}

impl Skipped {
    fn count(&mut self, condition: Condition) {
        match condition {
            Condition::StandingLevel => self.standing_level += 1,
            Condition::Occupation => self.occupation += 1,
            Condition::District => self.district += 1,
            _ => self.person_limit += 1,
        }
    }
}

/// How far the granting of one batch has got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllotmentRun {
    pub batch_id: VoucherBatchId,
    pub starts_at: DateTime<Utc>,
    pub state: AllotmentState,
    /// Rounds so far: whoever moves it does the next one.
    pub round: i64,
    /// The last member looked at.
    pub cursor: Option<MembershipId>,
    pub considered: i64,
    pub issued: i64,
    pub skipped: Skipped,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl AllotmentRun {
    pub fn new(batch_id: VoucherBatchId, starts_at: DateTime<Utc>) -> Self {
        Self {
            batch_id,
            starts_at,
            state: AllotmentState::Waiting,
            round: 0,
            cursor: None,
            considered: 0,
            issued: 0,
            skipped: Skipped::default(),
            started_at: None,
            finished_at: None,
        }
    }

    fn ended(self, state: AllotmentState, now: DateTime<Utc>) -> Self {
        Self {
            state,
            finished_at: Some(now),
            ..self
        }
    }
}

impl AllotmentService {
    pub async fn progress(
        &self,
        actor: &Actor,
        batch_id: VoucherBatchId,
    ) -> Result<AllotmentRun, VoucherError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        tx.voucher_batches()
            .find_within(batch_id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(tx
            .allotment_runs()
            .find(batch_id)
            .await?
            .ok_or(AccessError::NotFound)?)
    }
}
