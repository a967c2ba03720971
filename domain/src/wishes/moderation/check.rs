//! The machine's opinion, always asked outside a transaction. Without one a wish stays `checking`:
//! a job asks again, and after a day leaves it to the cadre, who decides in any case.

use chrono::{TimeDelta, Utc};

use super::{
    review::WISH_REVIEW,
    text_check::{TextCheckError, TextToCheck, TextVerdict, Verdict},
};
use crate::{
    tasks::open::due_of,
    wishes::{
        error::WishError,
        news::News,
        service::WishService,
        wish::{Wish, WishState, content::WishContent},
    },
};

const JOB: &str = "wishes.check_pending";
/// How long a wish waits for the machine.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

impl WishContent {
    /// All that strangers will read, judged together.
    pub(crate) fn to_check(&self, openid: Option<String>) -> TextToCheck {
        let content = format!("{}\n{}", self.category, self.story);
        TextToCheck {
            openid,
            title: self.title.clone(),
            content,
        }
    }
}

impl WishService {
    /// `None`: no verdict this time.
    pub(crate) async fn judge(&self, text: &TextToCheck) -> Option<TextVerdict> {
        match self.texts.check(text).await {
            Ok(verdict) => Some(verdict),
            Err(TextCheckError::NeedsHuman(_)) => Some(for_human("not_machine_checkable")),
            Err(TextCheckError::Unavailable(_)) => None,
        }
    }

    /// Asks again for wishes without a verdict, oldest first; returns how many got one.
    pub async fn check_pending(&self, limit: u64) -> Result<u64, WishError> {
        let waiting = self
            .foundation
            .read()
            .await?
            .wishes()
            .list_unchecked(limit)
            .await?;
        let mut settled = 0;
        for wish in waiting {
            settled += u64::from(self.check_again(wish).await?);
        }
        Ok(settled)
    }

    async fn check_again(&self, wish: Wish) -> Result<bool, WishError> {
        let openid = self
            .foundation
            .read()
            .await?
            .accounts()
            .openid_of(wish.account_id)
            .await?;
        let verdict = self.judge(&wish.content.to_check(openid)).await;
        let now = self.foundation.now();
        let overdue = now - wish.submitted_at >= PATIENCE;
        let Some(verdict) = verdict.or_else(|| overdue.then(|| for_human("machine_silent"))) else {
            return Ok(false);
        };
        let due_at = due_of(&mut *self.foundation.read().await?, WISH_REVIEW, now).await?;
        let Ok(wish) = wish.judged(&verdict, due_at) else {
            return Ok(false);
        };
        self.settle(wish, &verdict, now).await
    }

    /// `false`: another process settled it, or the worker withdrew it.
    async fn settle(
        &self,
        wish: Wish,
        verdict: &TextVerdict,
        now: chrono::DateTime<Utc>,
    ) -> Result<bool, WishError> {
        let mut tx = self.foundation.begin().await?;
        if !tx.wishes().save(&wish).await? {
            return Ok(false);
        }
        self.open_review(&mut *tx, &wish, now).await?;
        let detail = serde_json::json!({ "verdict": verdict.verdict, "label": verdict.label, "trace": verdict.trace_id });
        self.record_by_system(&mut *tx, JOB, &wish, "wish.checked", detail, now)
            .await?;
        if let WishState::Returned { reason } = &wish.state {
            self.tell(
                &mut *tx,
                wish.account_id,
                &wish,
                News::Returned { reason },
                now,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

fn for_human(label: &str) -> TextVerdict {
    TextVerdict {
        verdict: Verdict::Review,
        label: label.to_owned(),
        trace_id: None,
    }
}
