//! Old notices leave the inbox, read or not: what they told is long over.

use chrono::TimeDelta;

use super::{NoticeError, NoticeService};

/// Notices stay this long.
pub const NOTICES_KEPT: TimeDelta = TimeDelta::days(365);

impl NoticeService {
    /// For a background job, up to `limit` notices; returns how many went.
    pub async fn tidy(&self, limit: u64) -> Result<u64, NoticeError> {
        let before = self.foundation.now() - NOTICES_KEPT;
        let mut tx = self.foundation.begin().await?;
        let forgotten = tx.notices().forget_before(before, limit).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
