//! Shapes on the wire.

use niangjia_domain::{kernel::values::local_time::rfc3339, notices::Notice};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Notice)]
pub struct NoticeDto {
    id: String,
    /// What kind of news.
    #[schema(example = "checkup_booked")]
    topic: String,
    title: String,
    body: String,
    /// Id of what it is about.
    subject: Option<String>,
    created_at: String,
    /// `null` until read.
    read_at: Option<String>,
}

impl From<Notice> for NoticeDto {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id.to_string(),
            topic: notice.topic,
            title: notice.title,
            body: notice.body,
            subject: notice.subject,
            created_at: rfc3339(notice.created_at),
            read_at: notice.read_at.map(rfc3339),
        }
    }
}
