//! What is written: a deed, where it was done, and whoever signs for it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Area;
use crate::kernel::{
    actor::{Actor, Role},
    id::{AccountId, AuditEntryId},
    ports::random::Random,
};

/// One line of the trail. `detail` never holds personal data in clear.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    /// `None` for the system itself (jobs, the command line).
    pub account_id: Option<AccountId>,
    pub role: Option<Role>,
    /// `wish.published`: context and past participle.
    pub action: &'static str,
    /// TypeID of what was acted on.
    pub subject: String,
    /// Where, so that a county's auditor sees its own.
    pub area: Area,
    pub request_id: String,
    pub detail: Value,
}

/// A deed that does not say yet where it was done: nobody can sign it.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

/// What happened, without who and when.
#[derive(Debug, Clone)]
pub struct Deed<Where = Area> {
    action: &'static str,
    subject: String,
    area: Where,
    detail: Value,
}

impl Deed<Nowhere> {
    pub fn new(action: &'static str, subject: impl ToString) -> Self {
        Self {
            action,
            subject: subject.to_string(),
            area: Nowhere,
            detail: Value::Null,
        }
    }

    /// Says where: a district, or one of the other areas.
    pub fn within(self, area: impl Into<Area>) -> Deed {
        Deed {
            action: self.action,
            subject: self.subject,
            area: area.into(),
            detail: self.detail,
        }
    }
}

impl<Where> Deed<Where> {
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

impl Deed {
    /// Signed by the caller of a request.
    pub fn by(self, actor: &Actor, now: DateTime<Utc>, random: &dyn Random) -> AuditEntry {
        self.signed(
            Some(actor.account_id),
            Some(actor.acting_role()),
            actor.request_id.clone(),
            now,
            random,
        )
    }

    /// Signed by the system: a background job or the command line.
    pub fn by_system(self, origin: &str, now: DateTime<Utc>, random: &dyn Random) -> AuditEntry {
        self.signed(None, None, origin.to_owned(), now, random)
    }

    fn signed(
        self,
        account_id: Option<AccountId>,
        role: Option<Role>,
        request_id: String,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::generate(now, random),
            at: now,
            account_id,
            role,
            action: self.action,
            subject: self.subject,
            area: self.area,
            request_id,
            detail: self.detail,
        }
    }
}
