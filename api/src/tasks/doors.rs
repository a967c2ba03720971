//! Each context's door for decisions that come from the queue: behind it is the use case of the
//! object's own route, and a refusal is in the words of the context's own table.

use std::{str::FromStr, sync::Arc};

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{AccessError, Actor},
    membership::{ApplicationDecision, MembershipService, applications::review::MEMBERSHIP_REVIEW},
    store::StoreError,
    tasks::{
        TaskDecider, TaskKind,
        ports::{DecisionOrder, Refusal, Shown},
    },
    vouchers::{
        collusion::{CollusionService, SuspensionDecision, SuspensionDecisionInput},
        offline::{OfflineService, Resolution, disputes::tell::DISPUTED_SCAN},
    },
    wishes::{WishDecision, WishService, moderation::review::WISH_REVIEW},
};

use crate::http::problem::Problem;

/// One door for each kind of task.
pub fn doors(
    membership: &Arc<MembershipService>,
    wishes: &Arc<WishService>,
    offline: &Arc<OfflineService>,
    collusion: &Arc<CollusionService>,
) -> Vec<Arc<dyn TaskDecider>> {
    vec![
        Arc::new(MembershipDoor(membership.clone())),
        Arc::new(WishDoor(wishes.clone())),
        Arc::new(DisputeDoor(offline.clone())),
        Arc::new(SuspensionDoor(collusion.clone())),
    ]
}

struct MembershipDoor(Arc<MembershipService>);

#[async_trait]
impl TaskDecider for MembershipDoor {
    fn kind(&self) -> TaskKind {
        MEMBERSHIP_REVIEW
    }

    async fn show(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        self.0.under_review(subjects).await
    }

    async fn decide(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<(), Refusal> {
        let id = id(subject)?;
        let decision = ApplicationDecision::parse(&order.decision, order.reason.as_deref())
            .map_err(Problem::from)?;
        let decided = self.0.decide(actor, id, decision, order.revision).await;
        said(decided)
    }
}

struct WishDoor(Arc<WishService>);

#[async_trait]
impl TaskDecider for WishDoor {
    fn kind(&self) -> TaskKind {
        WISH_REVIEW
    }

    async fn show(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        self.0.under_review(subjects).await
    }

    async fn decide(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<(), Refusal> {
        let id = id(subject)?;
        let decision =
            WishDecision::parse(&order.decision, order.reason.as_deref()).map_err(Problem::from)?;
        let decided = self.0.decide(actor, id, decision, order.revision).await;
        said(decided)
    }
}

struct DisputeDoor(Arc<OfflineService>);

#[async_trait]
impl TaskDecider for DisputeDoor {
    fn kind(&self) -> TaskKind {
        DISPUTED_SCAN
    }

    async fn show(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        self.0.under_review(subjects).await
    }

    async fn decide(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<(), Refusal> {
        let id = id(subject)?;
        let resolution = Resolution::parse(&order.decision).map_err(Problem::from)?;
        let reason = order.reason.as_deref().unwrap_or_default();
        let resolved = self
            .0
            .resolve(actor, id, resolution, reason, order.revision);
        said(resolved.await)
    }
}

struct SuspensionDoor(Arc<CollusionService>);

#[async_trait]
impl TaskDecider for SuspensionDoor {
    fn kind(&self) -> TaskKind {
        self.0.task_kind()
    }

    async fn show(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        self.0.under_review(subjects).await
    }

    async fn decide(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<(), Refusal> {
        let id = id(subject)?;
        let decision = SuspensionDecision::of_word(&order.decision).map_err(Problem::from)?;
        let reason = order.reason.clone().unwrap_or_default();
        let input = SuspensionDecisionInput { decision, reason };
        let decided = self.0.decide(actor, id, input, order.revision).await;
        said(decided)
    }
}

/// A subject of another kind than its task is nobody's to decide.
fn id<T: FromStr>(subject: &str) -> Result<T, Refusal> {
    let absent = |_| Refusal::from(Problem::from(AccessError::NotFound));
    subject.parse().map_err(absent)
}

fn said<T, E>(outcome: Result<T, E>) -> Result<(), Refusal>
where
    Problem: From<E>,
{
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::from(error).into()),
    }
}
