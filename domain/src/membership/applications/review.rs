//! The task that a union's review of an application is: open while the membership waits for it.

use chrono::{DateTime, Utc};

use crate::{
    kernel::id::MembershipId,
    membership::{
        MembershipService, standing::record::Membership, unions::union::Union,
        view::ApplicationLine,
    },
    store::{StoreError, Tx},
    tasks::{NewTask, TaskKind, TaskPlace, close, open, ports::Shown, task::Parties},
};

/// A cadre decides whether the applicant is taken.
pub const MEMBERSHIP_REVIEW: TaskKind = TaskKind {
    code: "membership_review",
    label: "入会审核",
    working_days: 5,
};

impl MembershipService {
    /// What the queue of tasks shows of these applications.
    pub async fn under_review(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        let ids = subjects.iter().filter_map(|subject| subject.parse().ok());
        let ids: Vec<MembershipId> = ids.collect();
        let lines = self
            .foundation
            .read()
            .await?
            .memberships()
            .lines_of(&ids)
            .await?;
        let shown = |line: ApplicationLine| Shown {
            subject: line.id.to_string(),
            revision: line.revision,
            summary: line.name_masked,
        };
        Ok(lines.into_iter().map(shown).collect())
    }

    /// In the transaction that makes it wait; whoever is a member at once needs nobody.
    pub(crate) async fn open_review(
        &self,
        tx: &mut dyn Tx,
        membership: &Membership,
        union: &Union,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if membership.state.due_at().is_none() {
            return Ok(());
        }
        let place = TaskPlace {
            district: union.district,
            union_id: Some(union.id),
            name: union.name.clone(),
        };
        let parties = Parties::new([membership.account_id], [membership.person_id]);
        let task = NewTask::new(MEMBERSHIP_REVIEW, membership.id, place).without(parties);
        open::open(tx, self.foundation.random(), vec![task], now).await
    }

    /// Nobody needs to decide any more.
    pub(crate) async fn drop_review(
        &self,
        tx: &mut dyn Tx,
        membership: MembershipId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        close::withdraw(tx, MEMBERSHIP_REVIEW, &[membership.to_string()], now).await?;
        Ok(())
    }
}
