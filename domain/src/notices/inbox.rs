//! Delivery into the inbox: messages get their words here, so that a notice keeps those it was
//! delivered with. Many at once, in the transaction that marks their events.

use async_trait::async_trait;

use super::{
    notice::Notice,
    template::{Templates, Unwritable},
};
use crate::{
    kernel::id::{NoticeId, OutboxEventId},
    outbox::{InsideDelivery, OutboxEvent, Undelivered},
    store::{StoreError, Tx},
};

/// Kind of the events that end in an inbox.
pub const INBOX: &str = "inbox";

/// Writes notices from events.
#[derive(Debug, Clone)]
pub struct InboxDelivery {
    pub templates: Templates,
}

impl InboxDelivery {
    /// The notice that an event asks for.
    pub fn write(&self, event: &OutboxEvent) -> Result<Notice, Unwritable> {
        let template = self.templates.get(&event.template)?;
        template.check_subject(event.subject.as_deref())?;
        Ok(Notice {
            id: NoticeId::from_uuid(event.id.uuid()),
            recipient: event.recipient,
            topic: template.code.to_owned(),
            title: template.title.to_owned(),
            body: template.body_with(&event.parameters)?,
            subject: event.subject.clone(),
            created_at: event.created_at,
            read_at: None,
        })
    }
}

#[async_trait]
impl InsideDelivery for InboxDelivery {
    fn kind(&self) -> &'static str {
        INBOX
    }

    async fn deliver(
        &self,
        tx: &mut dyn Tx,
        events: &[OutboxEvent],
    ) -> Result<Vec<(OutboxEventId, Undelivered)>, StoreError> {
        let (mut notices, mut unwritable) = (Vec::with_capacity(events.len()), Vec::new());
        for event in events {
            match self.write(event) {
                Ok(notice) => notices.push(notice),
                Err(reason) => unwritable.push((event.id, Undelivered::Never(reason.to_string()))),
            }
        }
        tx.notices().deliver(&notices).await?;
        Ok(unwritable)
    }
}
