//! The cadres' queue as flat, masked lines: one page of memberships, then its persons and unions in
//! one query each.

use std::collections::HashMap;

use niangjia_domain::{
    kernel::{Jurisdiction, Page, PageRequest, id::MembershipId},
    membership::{
        persons::person::Person,
        ports::ApplicationFilter,
        standing::{lifecycle::Status, record::Membership},
        unions::union::Union,
        view::ApplicationLine,
    },
    store::StoreError,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{
    entity::membership::{Column, Entity},
    unions::in_area,
};
use crate::sql::db::{error::store_error, rows::corrupt, store::SqlTx};

impl SqlTx {
    pub(crate) async fn application_lines(
        &self,
        area: &Jurisdiction,
        filter: ApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<ApplicationLine>, StoreError> {
        let statuses = filter
            .status
            .map_or_else(|| Status::WAITING.to_vec(), |status| vec![status]);
        let query = Entity::find()
            .filter(in_area(Column::UnionId, area))
            .filter(Column::Status.is_in(statuses.into_iter().map(Status::code)))
            .apply_if(filter.due_before, |query, instant| {
                query.filter(Column::DueAt.lt(instant))
            });
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let memberships = rows
            .items
            .into_iter()
            .map(|row| self.membership(row))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Page {
            items: self.masked(memberships).await?,
            next: rows.next,
        })
    }

    pub(crate) async fn lines_among(
        &self,
        ids: &[MembershipId],
    ) -> Result<Vec<ApplicationLine>, StoreError> {
        let query = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        let memberships = rows.into_iter().map(|row| self.membership(row));
        self.masked(memberships.collect::<Result<_, _>>()?).await
    }

    async fn masked(
        &self,
        memberships: Vec<Membership>,
    ) -> Result<Vec<ApplicationLine>, StoreError> {
        let ids = |id: fn(&Membership) -> Uuid| memberships.iter().map(id).collect::<Vec<_>>();
        let persons = self.persons_among(ids(|one| one.person_id.uuid())).await?;
        let unions = self
            .unions_among(ids(|one| one.filing.union_id.uuid()))
            .await?;
        let persons: HashMap<_, _> = persons.iter().map(|person| (person.id, person)).collect();
        let unions: HashMap<_, _> = unions.iter().map(|union| (union.id, union)).collect();
        let line = |one: &Membership| {
            let person = persons.get(&one.person_id)?;
            Some(masked_line(one, person, unions.get(&one.filing.union_id)?))
        };
        memberships
            .iter()
            .map(|one| line(one).ok_or_else(|| corrupt("memberships", one.id)))
            .collect()
    }
}

fn masked_line(membership: &Membership, person: &Person, union: &Union) -> ApplicationLine {
    let filing = &membership.filing;
    ApplicationLine {
        id: membership.id,
        revision: membership.revision,
        person_id: person.id,
        status: membership.state.status(),
        name_masked: person.name_masked(),
        id_number_masked: person.id_number.masked(),
        phone_masked: filing.phone.as_ref().map(|phone| phone.masked()),
        occupation: filing.occupation,
        platform: filing.platform,
        work_district: filing.work_district,
        union: union.into(),
        routing_reason: filing.routing.reason.clone(),
        applied_at: filing.applied_at,
        due_at: membership.state.due_at(),
    }
}
