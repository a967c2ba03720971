//! What the engine needs from outside: rows, the calendar, and a context's word for each kind.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    calendar::{Calendar, CalendarDay},
    kind::TaskKind,
    queue::KindCount,
    task::Task,
};
use crate::{
    kernel::{
        Actor, DistrictCode, Grant, Jurisdiction, Page, PageRequest,
        id::{AccountId, PersonId, TaskId, UnionId},
    },
    store::StoreError,
};

/// Whose tasks a queue shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeFilter {
    Nobody,
    One(AccountId),
}

/// In which order a queue comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// What is due first.
    #[default]
    Due,
    /// What is due last.
    DueLast,
}

/// What of the open tasks a queue shows.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Code of a kind.
    pub kind: Option<String>,
    /// This district and what lies inside.
    pub district: Option<DistrictCode>,
    pub due_before: Option<DateTime<Utc>>,
    pub assignee: Option<AssigneeFilter>,
    pub order: TaskOrder,
}

/// What an account may do, and the verified person behind it.
pub type Office = (Option<PersonId>, Vec<Grant>);

/// Who holds office where: rooms above know accounts and grants, this engine only asks for them.
#[async_trait]
pub trait OfficeRepository: Send {
    /// Cadres of exactly this area, each once, with the verified person behind the account; those
    /// who act everywhere include admins.
    async fn cadres_of(
        &mut self,
        area: Jurisdiction,
    ) -> Result<Vec<(AccountId, Option<PersonId>)>, StoreError>;
    async fn office_of(&mut self, account: AccountId) -> Result<Office, StoreError>;
}

#[async_trait]
pub trait TaskRepository: Send {
    /// A subject has one open task of a kind: where there is one, it stays. Returns how many are
    /// new.
    async fn add(&mut self, tasks: &[Task]) -> Result<u64, StoreError>;
    async fn find_open(&mut self, kind: &str, subject: &str) -> Result<Option<Task>, StoreError>;
    /// Those of the ids that lie inside the area, closed ones too, in no particular order.
    async fn find_within(
        &mut self,
        ids: &[TaskId],
        area: &Jurisdiction,
    ) -> Result<Vec<Task>, StoreError>;
    /// Writes the state of a task that was open when it was read; `false` when it is not open any
    /// more, or when somebody else approved meanwhile.
    async fn decide(
        &mut self,
        task: &Task,
        read_first: Option<AccountId>,
    ) -> Result<bool, StoreError>;
    /// Closes what is open about these subjects. Returns how many.
    async fn withdraw(
        &mut self,
        kind: &str,
        subjects: &[String],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
    /// Hands an open task on; `false` when `current` does not have it any more.
    async fn assign(
        &mut self,
        id: TaskId,
        current: Option<AccountId>,
        target: Option<AccountId>,
    ) -> Result<bool, StoreError>;
    /// Open ones, inside the area. The order is total: by due time, then by id.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: &TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, StoreError>;
    /// Open ones by kind, inside the area; the filter's own kind is ignored. By code.
    async fn counts(
        &mut self,
        area: &Jurisdiction,
        filter: &TaskFilter,
        now: DateTime<Utc>,
    ) -> Result<Vec<KindCount>, StoreError>;
    /// Marks up to `limit` open tasks whose reminder is due, and which are not overdue yet, as
    /// reminded: each once.
    async fn take_reminders(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Task>, StoreError>;
    /// Marks up to `limit` overdue tasks as told to the area above: each once.
    async fn take_overdue(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Task>, StoreError>;
    /// The union around this one.
    async fn union_above(&mut self, union: UnionId) -> Result<Option<UnionId>, StoreError>;
}

#[async_trait]
pub trait CalendarRepository: Send {
    /// Days that are named, both ends included.
    async fn between(&mut self, from: NaiveDate, to: NaiveDate) -> Result<Calendar, StoreError>;
    /// Overwrites what was known of these days. Returns how many were written.
    async fn set(&mut self, days: &[CalendarDay]) -> Result<u64, StoreError>;
}

/// What is to be decided, as the queue shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// TypeID of the subject.
    pub subject: String,
    /// What a decision has to name (R5).
    pub revision: i64,
    /// One line without personal data in clear.
    pub summary: String,
}

/// One decision as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionOrder {
    pub task_id: TaskId,
    /// A word of the kind's context.
    pub decision: String,
    /// What the decider saw (R5).
    pub revision: i64,
    pub reason: Option<String>,
}

/// A refusal in the words of the context that refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable snake_case code, as the object's own route says it.
    pub code: &'static str,
    /// The next step, for people.
    pub detail: String,
}

/// A context's door to its own decisions: the use case behind it is that of the object's own route.
#[async_trait]
pub trait TaskDecider: Send + Sync {
    fn kind(&self) -> TaskKind;
    /// Subjects that are gone are left out.
    async fn show(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError>;
    async fn decide(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<(), Refusal>;
}
