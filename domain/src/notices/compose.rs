//! Writing a message for the outbox, in the order in which one says it:
//! `OutboxEvent::to(account).template(&PUBLISHED).with("wish", title).about(id).at(now, random)`.

use chrono::{DateTime, Utc};

use super::{
    inbox::INBOX,
    template::{Parameters, Template},
};
use crate::{
    kernel::{
        id::{AccountId, OutboxEventId},
        ports::random::Random,
    },
    outbox::OutboxEvent,
};

/// Who will be told.
#[derive(Debug, Clone, Copy)]
pub struct Recipient(AccountId);

/// A message on its way to being complete.
#[derive(Debug, Clone)]
pub struct Draft {
    recipient: AccountId,
    template: Template,
    kind: &'static str,
    parameters: Parameters,
    subject: Option<String>,
}

impl OutboxEvent {
    /// Begins a message to one account.
    pub const fn to(account: AccountId) -> Recipient {
        Recipient(account)
    }
}

impl Recipient {
    /// What they are told. Unless [`Draft::through`] says otherwise it goes to their inbox.
    pub const fn template(self, template: &Template) -> Draft {
        Draft {
            recipient: self.0,
            template: *template,
            kind: INBOX,
            parameters: Parameters::new(),
            subject: None,
        }
    }
}

impl Draft {
    /// Gives one of the template's parameters, as people read it. Never a secret.
    pub fn with(mut self, parameter: &'static str, value: impl ToString) -> Self {
        self.parameters
            .insert(parameter.to_owned(), value.to_string());
        self
    }

    /// The id that the message points to.
    pub fn about(mut self, subject: impl ToString) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// Another way of delivery than the inbox.
    pub const fn through(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// The finished event. In builds that check themselves it must be one that can be delivered.
    pub fn at(self, now: DateTime<Utc>, random: &dyn Random) -> OutboxEvent {
        debug_assert_eq!(
            self.template.body_with(&self.parameters).err(),
            None,
            "every parameter is given"
        );
        debug_assert_eq!(
            self.template.check_subject(self.subject.as_deref()),
            Ok(()),
            "it points to what its template says"
        );
        OutboxEvent {
            id: OutboxEventId::generate(now, random),
            created_at: now,
            kind: self.kind.to_owned(),
            recipient: self.recipient,
            template: self.template.code.to_owned(),
            parameters: self.parameters,
            subject: self.subject,
            attempts: 0,
        }
    }
}
