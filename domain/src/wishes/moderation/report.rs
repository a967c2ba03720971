//! Anybody signed in may report a public wish; the cadres of its district see how many did.

use super::wish_report::WishReport;
use crate::{
    kernel::{
        AccessError, Actor,
        id::{WishId, WishReportId},
        values::text,
    },
    wishes::{error::WishError, service::WishService},
};

impl WishService {
    pub async fn report(
        &self,
        actor: &Actor,
        id: WishId,
        reason: &str,
    ) -> Result<WishReport, WishError> {
        let reason = text::paragraphs("reason", reason, 1, 200)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let wish = tx
            .wishes()
            .find(id)
            .await?
            .filter(|wish| wish.status().is_public());
        let wish = wish.ok_or(AccessError::NotFound)?;
        let report = WishReport {
            id: WishReportId::generate(now, self.foundation.random()),
            wish_id: wish.id,
            reporter_id: actor.account_id,
            reason,
            reported_at: now,
        };
        if !tx.wishes().insert_report(&report).await? {
            return Err(WishError::AlreadyReported);
        }
        let detail = serde_json::json!({ "report": report.id });
        self.record(&mut *tx, actor, &wish, "wish.reported", detail, now)
            .await?;
        tx.commit().await?;
        Ok(report)
    }
}
