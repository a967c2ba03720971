//! A cadre decides about a reviewed wish of their area.

use super::review::WISH_REVIEW;
use crate::{
    kernel::{AccessError, Actor, Invalid, id::WishId, values::text},
    tasks::{Closing, TaskDecision, close, unchanged},
    wishes::{
        error::WishError,
        news::News,
        service::WishService,
        wish::{Wish, WishState, submit::WishReceipt},
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WishDecision {
    Publish,
    /// Back to the worker for correction.
    Return {
        reason: String,
    },
    Reject {
        reason: String,
    },
}

impl WishDecision {
    /// Whoever says no says why.
    pub fn parse(decision: &str, reason: Option<&str>) -> Result<Self, Invalid> {
        let reason = text::paragraphs("reason", reason.unwrap_or_default(), 0, 200)?;
        match decision {
            "publish" => Ok(Self::Publish),
            "return" | "reject" if reason.is_empty() => Err(Invalid::field(
                "reason",
                "reason_required",
                "请填写退回或不通过的原因",
            )),
            "return" => Ok(Self::Return { reason }),
            "reject" => Ok(Self::Reject { reason }),
            _ => Err(Invalid::field(
                "decision",
                "decision_unknown",
                "请选择 publish、return 或 reject",
            )),
        }
    }

    /// As it is asked for.
    const fn word(&self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Return { .. } => "return",
            Self::Reject { .. } => "reject",
        }
    }
}

impl WishService {
    /// `revision` is that of the wish which the cadre saw (R5).
    pub async fn decide(
        &self,
        actor: &Actor,
        id: WishId,
        decision: WishDecision,
        revision: i64,
    ) -> Result<WishReceipt, WishError> {
        let area = actor.require_cadre()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let wish = tx
            .wishes()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        if wish.account_id == actor.account_id || Some(wish.person_id) == actor.person_id {
            return Err(WishError::OwnWish);
        }
        unchanged(revision, wish.version)?;
        let detail = on_time(&wish, now);
        let ruling = TaskDecision {
            kind: WISH_REVIEW,
            subject: id.to_string(),
            word: decision.word(),
            approves: decision == WishDecision::Publish,
        };
        let seen = wish.clone();
        let (wish, action) = match decision {
            WishDecision::Publish => (wish.publish(now)?, "wish.published"),
            WishDecision::Return { reason } => (wish.send_back(reason)?, "wish.returned"),
            WishDecision::Reject { reason } => (wish.reject(reason)?, "wish.rejected"),
        };
        match close::decide(&mut *tx, self.foundation.random(), actor, &ruling, now).await? {
            Closing::Decided => {}
            Closing::WaitsForSecondPerson => {
                tx.commit().await?;
                return Ok(WishReceipt::of(&seen));
            }
        }
        self.save(&mut *tx, &wish).await?;
        self.record(&mut *tx, actor, &wish, action, detail, now)
            .await?;
        self.tell(&mut *tx, wish.account_id, &wish, outcome(&wish.state), now)
            .await?;
        self.commit_public(tx).await?;
        Ok(WishReceipt::of(&wish))
    }
}

/// Shares of tasks done on time are figures the unions publish (T1).
fn on_time(wish: &Wish, now: chrono::DateTime<chrono::Utc>) -> serde_json::Value {
    match &wish.state {
        WishState::Reviewing { due_at, .. } => {
            serde_json::json!({ "dueAt": due_at, "onTime": now <= *due_at })
        }
        _ => serde_json::Value::Null,
    }
}

fn outcome(state: &WishState) -> News<'_> {
    match state {
        WishState::Returned { reason } => News::Returned { reason },
        WishState::Rejected { reason } => News::Rejected { reason },
        _ => News::Published,
    }
}
