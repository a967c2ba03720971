//! Who applies: the one person behind an ID number, and the one live member behind a phone.

use chrono::{DateTime, Utc};

use super::application::{Applicant, Application};
use crate::{
    audit::Deed,
    kernel::{Actor, Invalid, Phone, id::PersonId},
    membership::{
        MembershipService,
        error::MembershipError,
        news,
        persons::person::Person,
        standing::{lifecycle::Status, record::Membership},
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
};

impl MembershipService {
    /// The one person behind the ID number, linked to the caller's account.
    pub(crate) async fn identify(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        applicant: &Applicant,
        now: DateTime<Utc>,
    ) -> Result<PersonId, MembershipError> {
        let Applicant {
            name, id_number, ..
        } = applicant.clone();
        let fresh = Person {
            id: PersonId::generate(now, self.foundation.random()),
            name,
            id_number,
            created_at: now,
        };
        let person = if tx.persons().add(&fresh).await? {
            fresh
        } else {
            let known = tx.persons().find_by_id_number(&applicant.id_number).await?;
            self.returning(tx, actor, applicant, known).await?
        };
        if tx
            .accounts()
            .link_person(actor.account_id, person.id)
            .await?
        {
            Ok(person.id)
        } else {
            Err(MembershipError::AccountOfAnother)
        }
    }

    /// Somebody we know applies again. Only their own account may correct the name; to others the
    /// name must match.
    async fn returning(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        applicant: &Applicant,
        known: Option<Person>,
    ) -> Result<Person, MembershipError> {
        // Added and gone within a moment: persons are never deleted while an application runs.
        let person = known.ok_or(MembershipError::ChangedMeanwhile)?;
        let live = tx.memberships().live_of(person.id).await?;
        if live.is_some_and(|live| live.state.status() != Status::Returned) {
            return Err(MembershipError::AlreadyMember);
        }
        if person.name == applicant.name {
            return Ok(person);
        }
        if tx.accounts().person_of(actor.account_id).await? != Some(person.id) {
            return Err(Invalid::field(
                "name",
                "name_mismatch",
                "姓名与身份证号不一致，请核对后重新填写",
            )
            .into());
        }
        tx.persons().rename(person.id, &applicant.name).await?;
        Ok(person)
    }

    /// A phone serves one live member. Who now has a recycled number takes it over by typing their
    /// own ID number.
    pub(crate) async fn take_over_phone(
        &self,
        tx: &mut dyn Tx,
        application: &Application,
        phone: &Phone,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<(), MembershipError> {
        for mut former in tx.memberships().others_with_phone(phone, person).await? {
            if application.id_number.is_none() {
                let detail =
                    "该手机号已绑定其他会员。如果是您新办的号码，请填写本人身份证号后重新提交";
                return Err(Invalid::field("idNumber", "id_number_needed", detail).into());
            }
            former.filing.phone = None;
            let former = self.saved(tx, former).await?;
            self.tell_released(tx, &former, now).await?;
        }
        Ok(())
    }

    async fn tell_released(
        &self,
        tx: &mut dyn Tx,
        former: &Membership,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let deed =
            Deed::new("membership.phone_released", former.id).within(former.filing.work_district);
        tx.audit()
            .append(deed.by_system("join", now, self.foundation.random()))
            .await?;
        let news = OutboxEvent::to(former.account_id)
            .template(&news::PHONE_RELEASED)
            .about(former.id);
        tx.outbox()
            .append(news.at(now, self.foundation.random()))
            .await
    }
}
