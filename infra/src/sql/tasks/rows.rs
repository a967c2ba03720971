//! Tasks as rows, and back.

use std::collections::HashMap;

use niangjia_domain::{
    kernel::{
        DistrictCode,
        id::{AccountId, PersonId, TaskId, UnionId},
    },
    store::StoreError,
    tasks::{
        Task, TaskPlace, TaskState,
        task::{Approval, Outcome, Parties},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::{
    task::{ActiveModel, Model},
    task_party as party,
};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, parsed},
    store::SqlTx,
};

const TABLE: &str = "tasks";

/// The columns of a state.
pub(super) struct StateColumns {
    pub(super) state: &'static str,
    pub(super) first: Option<Approval>,
    pub(super) last: Option<Approval>,
    pub(super) outcome: Option<String>,
    pub(super) on_time: Option<bool>,
    pub(super) closed_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl StateColumns {
    pub(super) fn of(state: &TaskState) -> Self {
        let bare = |state, first, closed_at| Self {
            state,
            first,
            last: None,
            outcome: None,
            on_time: None,
            closed_at,
        };
        match state {
            TaskState::Open { first } => bare("open", *first, None),
            TaskState::Withdrawn { at } => bare("withdrawn", None, Some(*at)),
            TaskState::Decided { first, outcome } => Self {
                last: Some(outcome.last),
                outcome: Some(outcome.word.clone()),
                on_time: Some(outcome.on_time),
                ..bare("decided", *first, Some(outcome.last.at))
            },
        }
    }
}

pub(super) fn row(task: &Task) -> ActiveModel {
    let state = StateColumns::of(&task.state);
    ActiveModel {
        id: Set(task.id.uuid()),
        kind: Set(task.kind.clone()),
        subject: Set(task.subject.clone()),
        district: Set(task.place.district.to_string()),
        union_id: Set(task.place.union_id.map(|id| id.uuid())),
        place: Set(task.place.name.clone()),
        needs_second_person: Set(task.needs_second_person),
        opened_at: Set(task.opened_at),
        remind_at: Set(task.remind_at),
        due_at: Set(task.due_at),
        assignee_id: Set(task.assignee.map(|id| id.uuid())),
        reminded_at: Set(task.reminded_at),
        escalated_at: Set(task.escalated_at),
        state: Set(state.state.to_owned()),
        first_by: Set(state.first.map(|first| first.by.uuid())),
        first_person: Set(person(state.first)),
        first_at: Set(state.first.map(|first| first.at)),
        decided_by: Set(state.last.map(|last| last.by.uuid())),
        decided_person: Set(person(state.last)),
        outcome: Set(state.outcome),
        on_time: Set(state.on_time),
        closed_at: Set(state.closed_at),
    }
}

pub(super) fn person(approval: Option<Approval>) -> Option<Uuid> {
    approval.and_then(|one| one.person).map(|id| id.uuid())
}

impl SqlTx {
    /// With whoever had a part in them, in one query for all.
    pub(super) async fn tasks_of(&self, rows: Vec<Model>) -> Result<Vec<Task>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let of_these = party::Column::TaskId.is_in(rows.iter().map(|row| row.id));
        let found = party::Entity::find()
            .filter(of_these)
            .all(&self.db())
            .await
            .map_err(store_error)?;
        let mut parties: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in found {
            parties.entry(row.task_id).or_default().push(row.party);
        }
        rows.into_iter()
            .map(|row| {
                let ids = parties.remove(&row.id).unwrap_or_default();
                task(row, Parties::of_ids(ids))
            })
            .collect()
    }
}

fn task(row: Model, parties: Parties) -> Result<Task, StoreError> {
    let state = state(&row)?;
    let district = parsed(TABLE, row.id, DistrictCode::parse(&row.district))?;
    Ok(Task {
        id: TaskId::from_uuid(row.id),
        kind: row.kind,
        subject: row.subject,
        place: TaskPlace {
            district,
            union_id: row.union_id.map(UnionId::from_uuid),
            name: row.place,
        },
        parties,
        needs_second_person: row.needs_second_person,
        opened_at: row.opened_at,
        remind_at: row.remind_at,
        due_at: row.due_at,
        assignee: row.assignee_id.map(AccountId::from_uuid),
        reminded_at: row.reminded_at,
        escalated_at: row.escalated_at,
        state,
    })
}

fn state(row: &Model) -> Result<TaskState, StoreError> {
    let first = approval(row.first_by, row.first_person, row.first_at);
    let last = approval(row.decided_by, row.decided_person, row.closed_at);
    match (row.state.as_str(), last, &row.outcome, row.on_time) {
        ("open", None, None, None) => Ok(TaskState::Open { first }),
        ("decided", Some(last), Some(word), Some(on_time)) => {
            let word = word.clone();
            let outcome = Outcome {
                last,
                word,
                on_time,
            };
            Ok(TaskState::Decided { first, outcome })
        }
        ("withdrawn", None, None, None) => {
            let at = row.closed_at.ok_or_else(|| corrupt(TABLE, row.id))?;
            Ok(TaskState::Withdrawn { at })
        }
        _ => Err(corrupt(TABLE, row.id)),
    }
}

fn approval(
    by: Option<Uuid>,
    person: Option<Uuid>,
    at: Option<chrono::DateTime<chrono::Utc>>,
) -> Option<Approval> {
    Some(Approval {
        by: AccountId::from_uuid(by?),
        person: person.map(PersonId::from_uuid),
        at: at?,
    })
}
