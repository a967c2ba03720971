//! A cadre's decision on an application: accept, send back for correction, reject. Scope is in the
//! query, nobody reviews themselves (M3), and of two decisions at once one wins (M8).

use chrono::{DateTime, Utc};

use super::review::MEMBERSHIP_REVIEW;
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, Invalid, id::MembershipId, values::text},
    membership::{
        MembershipService,
        error::MembershipError,
        news,
        standing::{lifecycle::State, record::Membership},
        unions::union::Union,
        view::MembershipView,
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    tasks::{Closing, TaskDecision, TaskError, close, unchanged},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationDecision {
    Accept,
    Return { reason: String },
    Reject { reason: String },
}

impl ApplicationDecision {
    /// Returning and rejecting say why, in words the worker reads.
    pub fn parse(decision: &str, reason: Option<&str>) -> Result<Self, Invalid> {
        match decision {
            "accept" => Ok(Self::Accept),
            "return" => Ok(Self::Return {
                reason: spoken(reason)?,
            }),
            "reject" => Ok(Self::Reject {
                reason: spoken(reason)?,
            }),
            _ => Err(Invalid::field(
                "decision",
                "decision_unknown",
                "处理结果只能是 accept、return 或 reject",
            )),
        }
    }

    /// As it is asked for.
    const fn word(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Return { .. } => "return",
            Self::Reject { .. } => "reject",
        }
    }

    const fn action(&self) -> &'static str {
        match self {
            Self::Accept => "membership.accepted",
            Self::Return { .. } => "membership.returned",
            Self::Reject { .. } => "membership.rejected",
        }
    }
}

fn spoken(reason: Option<&str>) -> Result<String, Invalid> {
    let reason = reason.ok_or_else(|| {
        Invalid::field("reason", "reason_missing", "请填写理由，职工会看到这段话")
    })?;
    text::paragraphs("reason", reason, 2, 200)
}

impl MembershipService {
    /// `revision` is that of the membership which the cadre saw (R5).
    pub async fn decide(
        &self,
        actor: &Actor,
        id: MembershipId,
        decision: ApplicationDecision,
        revision: i64,
    ) -> Result<MembershipView, MembershipError> {
        let area = actor.require_cadre()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let membership = tx
            .memberships()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        if membership.account_id == actor.account_id
            || Some(membership.person_id) == actor.person_id
        {
            return Err(MembershipError::OwnApplication);
        }
        let union = tx
            .unions()
            .find(membership.filing.union_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        unchanged(revision, membership.revision)?;
        if self
            .ruled(&mut *tx, actor, &membership, &decision, now)
            .await?
            == Closing::WaitsForSecondPerson
        {
            tx.commit().await?;
            return Ok(MembershipView::new(&membership, &union));
        }
        let state = self
            .decided(&mut *tx, &membership, &union, &decision, now)
            .await?;
        let membership = self
            .saved(
                &mut *tx,
                Membership {
                    state,
                    ..membership
                },
            )
            .await?;
        let deed = Deed::new(decision.action(), id).within(union.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        self.tell_decision(&mut *tx, &membership, &union, &decision, now)
            .await?;
        tx.commit().await?;
        Ok(MembershipView::new(&membership, &union))
    }

    /// Closes the task. What waits for nobody has none: there the state refuses the step.
    async fn ruled(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        membership: &Membership,
        decision: &ApplicationDecision,
        now: DateTime<Utc>,
    ) -> Result<Closing, TaskError> {
        if membership.state.due_at().is_none() {
            return Ok(Closing::Decided);
        }
        let ruling = TaskDecision {
            kind: MEMBERSHIP_REVIEW,
            subject: membership.id.to_string(),
            word: decision.word(),
            approves: *decision == ApplicationDecision::Accept,
        };
        close::decide(tx, self.foundation.random(), actor, &ruling, now).await
    }

    async fn decided(
        &self,
        tx: &mut dyn Tx,
        membership: &Membership,
        union: &Union,
        decision: &ApplicationDecision,
        now: DateTime<Utc>,
    ) -> Result<State, MembershipError> {
        let state = membership.state.clone();
        Ok(match decision {
            ApplicationDecision::Accept => {
                let enrolment = self.enrolment(tx, &state, union.district, now).await?;
                state.accept(enrolment)?
            }
            ApplicationDecision::Return { reason } => state.send_back(reason.clone())?,
            ApplicationDecision::Reject { reason } => state.reject(reason.clone())?,
        })
    }

    async fn tell_decision(
        &self,
        tx: &mut dyn Tx,
        membership: &Membership,
        union: &Union,
        decision: &ApplicationDecision,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let to = OutboxEvent::to(membership.account_id);
        let news = match decision {
            ApplicationDecision::Accept => to.template(&news::ACCEPTED),
            ApplicationDecision::Return { reason } => {
                to.template(&news::RETURNED).with("reason", reason)
            }
            ApplicationDecision::Reject { reason } => {
                to.template(&news::REJECTED).with("reason", reason)
            }
        };
        let news = news.with("union", &union.name).about(membership.id);
        tx.outbox()
            .append(news.at(now, self.foundation.random()))
            .await
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("accept", None, None)]
    #[case("accept", Some("欢迎"), None)]
    #[case("return", Some("请补充姓名"), None)]
    #[case("return", None, Some("reason_missing"))]
    #[case("reject", Some(" "), Some("text_length"))]
    #[case("reject", None, Some("reason_missing"))]
    #[case("approve", None, Some("decision_unknown"))]
    fn a_no_needs_a_reason(
        #[case] decision: &str,
        #[case] reason: Option<&str>,
        #[case] refused: Option<&str>,
    ) {
        let code = ApplicationDecision::parse(decision, reason)
            .err()
            .and_then(|invalid| Some(invalid.errors.first()?.code));
        assert_eq!(code, refused);
    }
}
