//! Looking at personal data in clear: needs a reason, is limited, and leaves an audit row before
//! anything is shown.

use std::fmt;

use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Invalid, coded::coded, id::PersonId, ports::cache::Quota, values::text,
    },
    membership::{MembershipService, error::MembershipError},
};

/// A cadre who checks papers needs a few a minute; a leak needs hundreds.
const QUOTA: Quota = Quota {
    burst: 10,
    per_minute: 5,
};

coded! {
    RevealedField {
        Name "name" "姓名",
        IdNumber "idNumber" "身份证号",
        Phone "phone" "手机号",
    }
}

#[derive(Debug, Clone)]
pub struct Reveal {
    pub fields: Vec<RevealedField>,
    pub reason: String,
}

impl Reveal {
    pub fn parse(fields: &[String], reason: &str) -> Result<Self, Invalid> {
        let unknown = || {
            Invalid::field(
                "fields",
                "field_unknown",
                "可查看的内容只有 name、idNumber、phone",
            )
        };
        let fields: Vec<_> = fields
            .iter()
            .map(|code| RevealedField::parse(code).ok_or_else(unknown))
            .collect::<Result<_, _>>()?;
        if fields.is_empty() {
            return Err(unknown());
        }
        Ok(Self {
            fields,
            reason: text::line("reason", reason, 4, 200)?,
        })
    }

    fn asks(&self, field: RevealedField) -> bool {
        self.fields.contains(&field)
    }
}

/// In clear, and only what was asked for. Never stored, never logged.
#[derive(Clone, Default)]
pub struct Revealed {
    pub name: Option<String>,
    pub id_number: Option<String>,
    pub phone: Option<String>,
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revealed").finish_non_exhaustive()
    }
}

impl MembershipService {
    pub async fn reveal(
        &self,
        actor: &Actor,
        id: PersonId,
        reveal: Reveal,
    ) -> Result<Revealed, MembershipError> {
        let area = actor.require_cadre()?;
        let limit = self
            .limiter
            .check(&format!("reveal:{}", actor.account_id), QUOTA)
            .await;
        limit.map_err(|retry_after| MembershipError::TooMany { retry_after })?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let person = tx
            .persons()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let membership = tx
            .memberships()
            .latest_of(id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let asked: Vec<_> = reveal.fields.iter().map(|field| field.code()).collect();
        let detail = serde_json::json!({ "fields": asked, "reason": reveal.reason });
        let deed = Deed::new("person.revealed", id)
            .within(membership.filing.work_district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        let phone = membership
            .filing
            .phone
            .map(|phone| phone.expose().to_owned());
        Ok(Revealed {
            name: reveal.asks(RevealedField::Name).then_some(person.name),
            id_number: reveal
                .asks(RevealedField::IdNumber)
                .then(|| person.id_number.expose().to_owned()),
            phone: phone.filter(|_| reveal.asks(RevealedField::Phone)),
        })
    }
}
