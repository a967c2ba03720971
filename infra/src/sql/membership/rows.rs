//! A membership between its row and the domain: states that cannot be are corrupt rows.

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::{
        DistrictCode,
        id::{AccountId, MembershipId, PersonId, UnionId},
    },
    membership::{
        occupation::Occupation,
        platform::Platform,
        standing::{
            lifecycle::{State, Status},
            member_number::{Enrolment, MemberNumber},
            record::{Filing, Membership},
        },
    },
    store::StoreError,
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::entity::membership::{ActiveModel, Model};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        rows::{corrupt, parsed},
        store::SqlTx,
    },
};

const TABLE: &str = "memberships";

impl SqlTx {
    pub(crate) fn membership_row(
        &self,
        membership: &Membership,
    ) -> Result<ActiveModel, StoreError> {
        let Membership { filing, state, .. } = membership;
        let enrolment = state.enrolment();
        let phone = filing.phone.as_ref();
        let id = membership.id.uuid();
        Ok(ActiveModel {
            id: Set(id),
            person_id: Set(membership.person_id.uuid()),
            account_id: Set(membership.account_id.uuid()),
            phone: Set(phone
                .map(|phone| self.seal(cell("phone", id), phone.expose()))
                .transpose()?),
            phone_index: Set(phone.map(|phone| self.phone_index(phone))),
            union_id: Set(filing.union_id.uuid()),
            routing: Set(serde_json::to_value(&filing.routing)
                .map_err(|error| StoreError::Failed(Box::new(error)))?),
            occupation: Set(filing.occupation.code().to_owned()),
            platform: Set(filing.platform.map(|platform| platform.code().to_owned())),
            work_district: Set(filing.work_district.to_string()),
            applied_at: Set(filing.applied_at),
            status: Set(state.status().code().to_owned()),
            member_no: Set(enrolment.map(|enrolment| enrolment.member_no.to_string())),
            joined_on: Set(enrolment.map(|enrolment| enrolment.joined_on.to_string())),
            due_at: Set(state.due_at()),
            reason: Set(state.reason().map(str::to_owned)),
            revision: Set(membership.revision),
        })
    }

    pub(crate) fn membership(&self, row: Model) -> Result<Membership, StoreError> {
        Ok(Membership {
            id: MembershipId::from_uuid(row.id),
            person_id: PersonId::from_uuid(row.person_id),
            account_id: AccountId::from_uuid(row.account_id),
            state: state(&row)?,
            revision: row.revision,
            filing: self.filing(row)?,
        })
    }

    fn filing(&self, row: Model) -> Result<Filing, StoreError> {
        let nonsense = || corrupt(TABLE, row.id);
        let phone = row
            .phone
            .as_deref()
            .map(|sealed| self.open_phone(cell("phone", row.id), sealed))
            .transpose()?;
        let platform = row
            .platform
            .as_deref()
            .map(|code| Platform::parse(code).ok_or_else(nonsense))
            .transpose()?;
        Ok(Filing {
            phone,
            union_id: UnionId::from_uuid(row.union_id),
            occupation: Occupation::parse(&row.occupation).ok_or_else(nonsense)?,
            platform,
            work_district: parsed(TABLE, row.id, DistrictCode::parse(&row.work_district))?,
            routing: parsed(TABLE, row.id, serde_json::from_value(row.routing))?,
            applied_at: row.applied_at,
        })
    }
}

fn state(row: &Model) -> Result<State, StoreError> {
    let nonsense = || corrupt(TABLE, row.id);
    let enrolment = enrolment(row)?;
    let due_at = || row.due_at.ok_or_else(nonsense);
    let reason = || row.reason.clone().ok_or_else(nonsense);
    Ok(match Status::parse(&row.status).ok_or_else(nonsense)? {
        Status::Applied => State::Applied { enrolment },
        Status::Provisional => State::Provisional {
            enrolment: enrolment.ok_or_else(nonsense)?,
            due_at: due_at()?,
        },
        Status::UnderReview => State::UnderReview {
            enrolment,
            due_at: due_at()?,
        },
        Status::Active => State::Active {
            enrolment: enrolment.ok_or_else(nonsense)?,
        },
        Status::Returned => State::Returned {
            enrolment,
            reason: reason()?,
        },
        Status::Rejected => State::Rejected {
            enrolment,
            reason: reason()?,
        },
        Status::Withdrawn => State::Withdrawn { enrolment },
    })
}

fn enrolment(row: &Model) -> Result<Option<Enrolment>, StoreError> {
    match (&row.member_no, &row.joined_on) {
        (Some(number), Some(day)) => Ok(Some(Enrolment {
            member_no: parsed(TABLE, row.id, MemberNumber::parse(number))?,
            joined_on: parsed(TABLE, row.id, day.parse::<NaiveDate>())?,
        })),
        (None, None) => Ok(None),
        _ => Err(corrupt(TABLE, row.id)),
    }
}

const fn cell(column: &'static str, row: Uuid) -> Cell {
    Cell {
        table: TABLE,
        column,
        row,
    }
}
