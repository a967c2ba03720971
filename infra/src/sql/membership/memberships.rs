//! Memberships. Partial unique indexes hold the one live place of a person and of a phone; a save
//! names the revision it read.

use async_trait::async_trait;
use niangjia_domain::{
    identity::ports::MembershipSummary,
    kernel::{
        DistrictCode, Jurisdiction, Page, PageRequest, Phone,
        id::{MembershipId, PersonId, UnionId},
    },
    membership::{
        ports::{ApplicationFilter, MembershipRepository},
        standing::{
            Standing, StandingLevel, lifecycle::Status, member_number::MemberNumber,
            record::Membership,
        },
        view::ApplicationLine,
    },
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult,
    Select, Statement, sea_query::OnConflict,
};

use super::{
    entity::membership::{Column, Entity},
    unions::in_area,
};
use crate::sql::db::{
    bulk::{Rows, cell},
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

const TABLE: &str = "memberships";

#[async_trait]
impl MembershipRepository for SqlTx {
    async fn standing_of(&mut self, person: PersonId) -> Result<Option<Standing>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT m.id, m.status, m.union_id, m.occupation, u.district \
             FROM memberships m JOIN unions u ON u.id = m.union_id \
             WHERE m.person_id = $1 AND m.status IN ('provisional', 'active')",
            [person.uuid().into()],
        );
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        row.map(|row| standing(person, &row)).transpose()
    }

    async fn standings_of(&mut self, persons: &[PersonId]) -> Result<Vec<Standing>, StoreError> {
        let sql = "SELECT m.id, m.person_id, m.status, m.union_id, m.occupation, u.district \
                   FROM {rows} CROSS JOIN memberships m JOIN unions u ON u.id = m.union_id \
                   WHERE m.person_id = t.person_id AND m.status IN ('provisional', 'active')";
        let wanted = Rows::default().uuids("person_id", persons.iter().map(|person| person.uuid()));
        let rows = self.query_rows(sql, [], wanted).await?;
        rows.iter()
            .map(|row| standing(PersonId::from_uuid(cell(row, "person_id")?), row))
            .collect()
    }

    async fn summary_of(
        &mut self,
        person: PersonId,
    ) -> Result<Option<MembershipSummary>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT m.id, m.status, m.member_no, m.union_id, u.name AS union_name \
             FROM memberships m JOIN unions u ON u.id = m.union_id \
             WHERE m.person_id = $1 \
               AND m.status IN ('applied', 'provisional', 'under_review', 'active', 'returned')",
            [person.uuid().into()],
        );
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        row.map(|row| summary(&row).map_err(store_error))
            .transpose()
    }

    async fn add(&mut self, membership: &Membership) -> Result<bool, StoreError> {
        // Two indexes may object: the person's place and the phone's.
        let keep_first = OnConflict::new().do_nothing().to_owned();
        let row = self.membership_row(membership)?;
        let inserted = Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn save(&mut self, membership: &Membership) -> Result<bool, StoreError> {
        let mut row = self.membership_row(membership)?;
        row.revision = sea_orm::ActiveValue::Set(membership.revision + 1);
        let update = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(membership.id.uuid()))
            .filter(Column::Revision.eq(membership.revision))
            .filter(keeps_number(membership));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn live_of(&mut self, person: PersonId) -> Result<Option<Membership>, StoreError> {
        self.one_membership(live().filter(Column::PersonId.eq(person.uuid())))
            .await
    }

    async fn latest_of(&mut self, person: PersonId) -> Result<Option<Membership>, StoreError> {
        let query = Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .order_by_desc(Column::Id);
        self.one_membership(query).await
    }

    async fn find_by_number(
        &mut self,
        number: &MemberNumber,
    ) -> Result<Option<Membership>, StoreError> {
        self.one_membership(Entity::find().filter(Column::MemberNo.eq(number.as_str())))
            .await
    }

    async fn find_within(
        &mut self,
        id: MembershipId,
        area: &Jurisdiction,
    ) -> Result<Option<Membership>, StoreError> {
        self.one_membership(Entity::find_by_id(id.uuid()).filter(in_area(Column::UnionId, area)))
            .await
    }

    async fn others_with_phone(
        &mut self,
        phone: &Phone,
        person: PersonId,
    ) -> Result<Vec<Membership>, StoreError> {
        let query = live()
            .filter(Column::PhoneIndex.eq(self.phone_index(phone)))
            .filter(Column::PersonId.ne(person.uuid()));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter().map(|row| self.membership(row)).collect()
    }

    async fn next_number(&mut self, district: DistrictCode, year: i32) -> Result<i64, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "INSERT INTO member_counters (district, year, last) VALUES ($1, $2, 1) \
             ON CONFLICT (district, year) DO UPDATE SET last = member_counters.last + 1 RETURNING last",
            [district.to_string().into(), year.into()],
        );
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        let row = row.ok_or_else(|| corrupt("member_counters", district))?;
        row.try_get("", "last").map_err(store_error)
    }

    async fn lines_of(&mut self, ids: &[MembershipId]) -> Result<Vec<ApplicationLine>, StoreError> {
        self.lines_among(ids).await
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: ApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<ApplicationLine>, StoreError> {
        self.application_lines(area, filter, page).await
    }
}

impl SqlTx {
    async fn one_membership(
        &self,
        query: Select<Entity>,
    ) -> Result<Option<Membership>, StoreError> {
        let row = query.one(&self.db()).await.map_err(store_error)?;
        row.map(|row| self.membership(row)).transpose()
    }
}

fn live() -> Select<Entity> {
    Entity::find().filter(Column::Status.is_in(Status::LIVE.map(Status::code)))
}

/// M5: a number once given stays.
fn keeps_number(membership: &Membership) -> Condition {
    let same = membership
        .state
        .enrolment()
        .map(|enrolment| Column::MemberNo.eq(enrolment.member_no.as_str()));
    Condition::any()
        .add(Column::MemberNo.is_null())
        .add_option(same)
}

pub(crate) fn standing(person_id: PersonId, row: &QueryResult) -> Result<Standing, StoreError> {
    let text = |column: &str| row.try_get::<String>("", column).map_err(store_error);
    let id = row.try_get("", "id").map_err(store_error)?;
    let level = match text("status")?.as_str() {
        "active" => StandingLevel::Active,
        _ => StandingLevel::Provisional,
    };
    Ok(Standing {
        membership_id: MembershipId::from_uuid(id),
        person_id,
        level,
        union_id: UnionId::from_uuid(row.try_get("", "union_id").map_err(store_error)?),
        district: parsed(TABLE, id, DistrictCode::parse(&text("district")?))?,
        occupation: Some(text("occupation")?),
    })
}

fn summary(row: &QueryResult) -> Result<MembershipSummary, sea_orm::DbErr> {
    Ok(MembershipSummary {
        id: MembershipId::from_uuid(row.try_get("", "id")?),
        status: row.try_get("", "status")?,
        member_no: row.try_get("", "member_no")?,
        union_id: UnionId::from_uuid(row.try_get("", "union_id")?),
        union_name: row.try_get("", "union_name")?,
    })
}
