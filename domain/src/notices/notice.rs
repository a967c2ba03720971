//! One message in somebody's inbox.

use chrono::{DateTime, Utc};

use crate::{
    kernel::id::{AccountId, NoticeId},
    outbox::{Delivery, OutboxEvent},
};

#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The uuid of the event it came from: a second delivery meets the primary key and changes
    /// nothing.
    pub id: NoticeId,
    pub recipient: AccountId,
    /// What kind of news: `wish_published`.
    pub topic: String,
    pub title: String,
    pub body: String,
    /// TypeID of what it is about.
    pub subject: Option<String>,
    /// When it happened, not when it was delivered.
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

impl Notice {
    /// The notice that an event asks for.
    pub fn of(event: &OutboxEvent) -> Self {
        let Delivery::Inbox {
            recipient,
            topic,
            title,
            body,
            subject,
        } = &event.delivery;
        Self {
            id: NoticeId::from_uuid(event.id.uuid()),
            recipient: *recipient,
            topic: topic.clone(),
            title: title.clone(),
            body: body.clone(),
            subject: subject.clone(),
            created_at: event.created_at,
            read_at: None,
        }
    }
}
