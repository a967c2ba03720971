//! What nobody will ask for again is forgotten: sessions long expired, wrong tries that no longer
//! count.

use chrono::TimeDelta;

use crate::identity::{IdentityError, IdentityService};

/// Expired sessions stay this long, for people who look into an incident.
const EXPIRED_SESSIONS_KEPT: TimeDelta = TimeDelta::days(7);

impl IdentityService {
    /// For a background job, up to `limit` rows of each kind; returns how many went.
    pub async fn tidy(&self, limit: u64) -> Result<u64, IdentityError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let failures = tx.credentials().forget_stale_failures(now, limit).await?;
        let sessions = tx
            .sessions()
            .forget_expired_before(now - EXPIRED_SESSIONS_KEPT, limit)
            .await?;
        tx.commit().await?;
        Ok(failures + sessions)
    }
}
