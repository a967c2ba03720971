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
        news,
        standing::{
            lifecycle::{State, Status},
            member_number::Enrolment,
            record::{Filing, Membership},
        },
        unions::{routing::Rule, union::Union},
        view::MembershipView,
    },
    notices::Draft,
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
        let news = told(membership, union).about(membership.id);
        tx.outbox()
            .append(news.at(now, self.foundation.random()))
            .await
    }
}

fn told(membership: &Membership, union: &Union) -> Draft {
    let to = OutboxEvent::to(membership.account_id);
    let due = membership.state.due_at().map(local_time::month_and_day);
    let news = match due {
        None => to.template(&news::JOINED),
        Some(due) if membership.filing.admits_at_once() => {
            to.template(&news::POOLED).with("due", due)
        }
        Some(due) => to.template(&news::APPLIED).with("due", due),
    };
    news.with("union", &union.name)
}
