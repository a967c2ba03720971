//! Batches between rows and the domain.

use niangjia_domain::{
    kernel::{
        DistrictCode,
        id::{AccountId, PersonId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::batches::batch::{Batch, BatchState, Officer},
};
use sea_orm::ActiveValue::Set;

use super::entity::voucher_batch::{ActiveModel, Model};
use crate::sql::db::rows::{corrupt, parsed};

const TABLE: &str = "voucher_batches";

pub(crate) const fn state_word(state: &BatchState) -> &'static str {
    match state {
        BatchState::Draft { .. } => "draft",
        BatchState::Submitted { .. } => "submitted",
        BatchState::Rejected { .. } => "rejected",
        BatchState::Running { .. } => "running",
        BatchState::Paused { .. } => "paused",
        BatchState::Stopped { .. } => "stopped",
        BatchState::Closed { .. } => "closed",
    }
}

/// Who submitted, who decided, and the reason given.
fn state_columns(state: &BatchState) -> (Option<Officer>, Option<AccountId>, Option<String>) {
    match state {
        BatchState::Draft { returned } => (None, None, returned.clone()),
        BatchState::Submitted { by } => (Some(*by), None, None),
        BatchState::Rejected { by, reason } => (None, Some(*by), Some(reason.clone())),
        BatchState::Running { approved_by }
        | BatchState::Paused { approved_by }
        | BatchState::Stopped { approved_by }
        | BatchState::Closed { approved_by } => (None, Some(*approved_by), None),
    }
}

pub(crate) fn row(batch: &Batch) -> Result<ActiveModel, StoreError> {
    let rules =
        serde_json::to_value(&batch.rules).map_err(|error| StoreError::Failed(Box::new(error)))?;
    let (submitter, decided_by, reason) = state_columns(&batch.state);
    Ok(ActiveModel {
        id: Set(batch.id.uuid()),
        name: Set(batch.name.clone()),
        district: Set(batch.district.to_string()),
        state: Set(state_word(&batch.state).to_owned()),
        rules: Set(rules),
        valid_to: Set(batch.rules.valid_to),
        drafted_by: Set(batch.drafted_by.account_id.uuid()),
        drafted_by_person: Set(batch.drafted_by.person_id.map(|id| id.uuid())),
        submitted_by: Set(submitter.map(|officer| officer.account_id.uuid())),
        submitted_by_person: Set(submitter
            .and_then(|officer| officer.person_id)
            .map(|id| id.uuid())),
        decided_by: Set(decided_by.map(|id| id.uuid())),
        reason: Set(reason),
        created_at: Set(batch.created_at),
    })
}

pub(crate) fn batch(row: Model) -> Result<Batch, StoreError> {
    let id = row.id;
    Ok(Batch {
        id: VoucherBatchId::from_uuid(id),
        district: parsed(TABLE, id, DistrictCode::parse(&row.district))?,
        rules: parsed(TABLE, id, serde_json::from_value(row.rules.clone()))?,
        drafted_by: Officer {
            account_id: AccountId::from_uuid(row.drafted_by),
            person_id: row.drafted_by_person.map(PersonId::from_uuid),
        },
        created_at: row.created_at,
        state: state(&row).ok_or_else(|| corrupt(TABLE, id))?,
        name: row.name,
    })
}

fn state(row: &Model) -> Option<BatchState> {
    let decided_by = row.decided_by.map(AccountId::from_uuid);
    Some(match row.state.as_str() {
        "draft" => BatchState::Draft {
            returned: row.reason.clone(),
        },
        "submitted" => BatchState::Submitted {
            by: Officer {
                account_id: row.submitted_by.map(AccountId::from_uuid)?,
                person_id: row.submitted_by_person.map(PersonId::from_uuid),
            },
        },
        "rejected" => BatchState::Rejected {
            by: decided_by?,
            reason: row.reason.clone()?,
        },
        "running" => BatchState::Running {
            approved_by: decided_by?,
        },
        "paused" => BatchState::Paused {
            approved_by: decided_by?,
        },
        "stopped" => BatchState::Stopped {
            approved_by: decided_by?,
        },
        "closed" => BatchState::Closed {
            approved_by: decided_by?,
        },
        _ => return None,
    })
}
