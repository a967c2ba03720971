//! Looking into one's own inbox.

use super::{Notice, NoticeError, NoticeService};
use crate::{
    audit::{Area, Deed},
    kernel::{AccessError, Actor, Page, PageRequest, id::NoticeId},
};

impl NoticeService {
    /// The caller's notices, newest first.
    pub async fn inbox(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<Notice>, NoticeError> {
        let mut tx = self.foundation.read().await?;
        Ok(tx.notices().list_of(actor.account_id, page).await?)
    }

    /// Marks a notice as read. Reading it again keeps the first time.
    pub async fn read(&self, actor: &Actor, id: NoticeId) -> Result<Notice, NoticeError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let first = tx.notices().mark_read(actor.account_id, id, now).await?;
        let notice = tx
            .notices()
            .find_of(actor.account_id, id)
            .await?
            .ok_or(AccessError::NotFound)?;
        if first {
            let deed = Deed::new("notice.read", id).within(Area::own_of(actor));
            tx.audit()
                .append(deed.by(actor, now, self.foundation.random()))
                .await?;
        }
        tx.commit().await?;
        Ok(notice)
    }
}
