//! Inside the joining transaction: who applies, where they are sent, and their one place. Rows are
//! touched in one order (person, account, membership, roster row, counter), so that parallel
//! applications wait, never deadlock.

use chrono::{DateTime, Datelike, Utc};

use super::{application::Application, review::MEMBERSHIP_REVIEW, send::send};
use crate::{
    audit::Deed,
    kernel::{
        Actor, DistrictCode, Phone,
        id::{ConsentId, MembershipId, PersonId},
        values::local_time,
    },
    membership::{
        MembershipService,
        consents::consent::{Consent, ConsentAct},
        error::MembershipError,
        standing::{
            lifecycle::{State, Status},
            member_number::Enrolment,
            record::{Filing, Membership},
        },
        unions::{routing::Rule, union::Union},
        view::MembershipView,
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    tasks::open::due_of,
};

impl MembershipService {
    pub(crate) async fn admit(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        application: &Application,
        phone: Phone,
        now: DateTime<Utc>,
    ) -> Result<MembershipView, MembershipError> {
        let row = tx
            .rosters()
            .waiting_for(&phone)
            .await?
            .filter(|row| application.agrees_with(row));
        let applicant = application.completed_by(row.as_ref())?;
        let person = self.identify(tx, actor, &applicant, now).await?;
        tx.accounts().set_phone(actor.account_id, &phone).await?;
        self.take_over_phone(tx, application, &phone, person, now)
            .await?;
        let (union, filing) = send(tx, application, &applicant, row.as_ref(), phone, now).await?;
        let mut membership = self.file(tx, actor, person, filing, now).await?;
        if let Some(row) = &row
            && !tx.rosters().consume(row.id, membership.id, now).await?
        {
            return Err(MembershipError::ChangedMeanwhile);
        }
        membership = self.place(tx, membership, &union, now).await?;
        self.record_consents(tx, actor, application, now).await?;
        self.tell(tx, actor, &membership, &union, now).await?;
        Ok(MembershipView::new(&membership, &union))
    }

    /// Takes the person's one place, or goes on with a returned application.
    async fn file(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        person: PersonId,
        filing: Filing,
        now: DateTime<Utc>,
    ) -> Result<Membership, MembershipError> {
        if let Some(former) = tx.memberships().live_of(person).await? {
            if former.state.status() != Status::Returned {
                return Err(MembershipError::AlreadyMember);
            }
            let state = former.state.resubmit()?;
            let again = Membership {
                account_id: actor.account_id,
                filing,
                state,
                ..former
            };
            return self.saved(tx, again).await;
        }
        let id = MembershipId::generate(now, self.foundation.random());
        let membership = Membership::apply(id, person, actor.account_id, filing);
        if tx.memberships().add(&membership).await? {
            return Ok(membership);
        }
        match tx.memberships().live_of(person).await? {
            Some(_) => Err(MembershipError::AlreadyMember),
            None => Err(MembershipError::PhoneInUse),
        }
    }

    /// Into the pool, before a union, or straight to membership when a roster expects the worker.
    async fn place(
        &self,
        tx: &mut dyn Tx,
        membership: Membership,
        union: &Union,
        now: DateTime<Utc>,
    ) -> Result<Membership, MembershipError> {
        let due_at = due_of(tx, MEMBERSHIP_REVIEW, now).await?;
        let state = if !membership.filing.admits_at_once() {
            membership.state.queue(due_at)?
        } else {
            let enrolment = self
                .enrolment(tx, &membership.state, union.district, now)
                .await?;
            match membership.filing.routing.rule {
                Rule::Roster => membership.state.welcome(enrolment)?,
                _ => membership.state.hold(enrolment, due_at)?,
            }
        };
        let placed = Membership {
            state,
            ..membership
        };
        let placed = self.saved(tx, placed).await?;
        self.open_review(tx, &placed, union, now).await?;
        Ok(placed)
    }

    /// Writes it, or says that it changed since it was read (M8).
    pub(crate) async fn saved(
        &self,
        tx: &mut dyn Tx,
        changed: Membership,
    ) -> Result<Membership, MembershipError> {
        if tx.memberships().save(&changed).await? {
            Ok(Membership {
                revision: changed.revision + 1,
                ..changed
            })
        } else {
            Err(MembershipError::ChangedMeanwhile)
        }
    }

    /// The number a person keeps: the one they have, or the district's next.
    pub(crate) async fn enrolment(
        &self,
        tx: &mut dyn Tx,
        state: &State,
        district: DistrictCode,
        now: DateTime<Utc>,
    ) -> Result<Enrolment, StoreError> {
        if let Some(kept) = state.enrolment() {
            return Ok(kept.clone());
        }
        let count = tx
            .memberships()
            .next_number(district, local_time::date_of(now).year())
            .await?;
        Ok(Enrolment::new(district, count, now))
    }

    async fn record_consents(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        application: &Application,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        for purpose in &application.consents {
            let consent = Consent {
                id: ConsentId::generate(now, self.foundation.random()),
                account_id: actor.account_id,
                purpose: *purpose,
                version: purpose.text().version.to_owned(),
                act: ConsentAct::Given,
                at: now,
            };
            tx.consents().append(&consent).await?;
        }
        Ok(())
    }

    async fn tell(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        membership: &Membership,
        union: &Union,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let detail = serde_json::json!({
            "status": membership.state.status().code(),
            "rule": membership.filing.routing.rule.code(),
            "union": union.id.to_string(),
        });
        let deed = Deed::new("membership.applied", membership.id)
            .within(union.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        let (title, body) = welcome_notice(membership, union);
        let subject = Some(membership.id.to_string());
        let recipient = membership.account_id;
        let notice = OutboxEvent::inbox(
            recipient,
            "membership_applied",
            title,
            body,
            subject,
            now,
            self.foundation.random(),
        );
        tx.outbox().append(notice).await
    }
}

fn welcome_notice(membership: &Membership, union: &Union) -> (&'static str, String) {
    let due = membership.state.due_at().map(local_time::day_and_month);
    match due {
        None => (
            "欢迎加入工会",
            format!(
                "您已成为{}会员，可以出示电子会员卡、领取餐券、许微心愿、预约体检。",
                union.name
            ),
        ),
        Some(due) if membership.filing.admits_at_once() => (
            "欢迎加入工会",
            format!(
                "您已进入{}，餐券和微心愿现在就能使用；工会将在{due}前完成审核，通过后可预约体检。",
                union.name
            ),
        ),
        Some(due) => (
            "入会申请已受理",
            format!("{}将在{due}前完成审核，结果会在这里通知您。", union.name),
        ),
    }
}
