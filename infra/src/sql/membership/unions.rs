//! The tree of unions, and the districts it serves.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{DistrictCode, Jurisdiction, Page, PageRequest, Place, id::UnionId},
    membership::{
        occupation::Occupation,
        platform::Platform,
        ports::{UnionFilter, UnionRepository},
        unions::{
            district::District,
            union::{Union, UnionKind},
        },
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QueryTrait,
    sea_query::{ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use super::entity::{
    district,
    union::{ActiveModel, Column, Entity, Model},
};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, parsed},
    store::SqlTx,
};

const TABLE: &str = "unions";

#[async_trait]
impl UnionRepository for SqlTx {
    async fn add(&mut self, union: &Union) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: Set(union.id.uuid()),
            parent_id: Set(union.parent_id.map(|id| id.uuid())),
            path: Set(union.path.clone()),
            name: Set(union.name.clone()),
            kind: Set(union.kind.code().to_owned()),
            district: Set(union.district.to_string()),
            occupation: Set(union.occupation.map(|one| one.code().to_owned())),
            platform: Set(union.platform.map(|one| one.code().to_owned())),
        };
        // Two indexes may object: the name, and the district's one pool.
        let keep_first = OnConflict::new().do_nothing().to_owned();
        let inserted = Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn find(&mut self, id: UnionId) -> Result<Option<Union>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(union).transpose()
    }

    async fn find_within(
        &mut self,
        id: UnionId,
        area: &Jurisdiction,
    ) -> Result<Option<Union>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(within(area));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(union)
            .transpose()
    }

    async fn find_by_name(&mut self, name: &str) -> Result<Option<Union>, StoreError> {
        let query = Entity::find().filter(Column::Name.eq(name));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(union)
            .transpose()
    }

    async fn serving(&mut self, district: Option<DistrictCode>) -> Result<Vec<Union>, StoreError> {
        let pools = Column::Kind.eq(UnionKind::Pool.code());
        let near = match district {
            Some(own) => Condition::any()
                .add(Column::District.eq(own.to_string()))
                .add(pools.and(Column::District.eq(own.prefecture().to_string()))),
            None => Condition::all()
                .add(pools)
                .add(Column::District.ends_with("00")),
        };
        let query = Entity::find()
            .filter(near)
            .order_by_asc(Column::District)
            .order_by_asc(Column::Name);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(union)
            .collect()
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: UnionFilter,
        page: PageRequest,
    ) -> Result<Page<Union>, StoreError> {
        let query = Entity::find()
            .filter(within(area))
            .apply_if(filter.district, |query, district| {
                let (first, last) = district.text_bounds();
                query.filter(Column::District.between(first, last))
            })
            .apply_if(filter.kind, |query, kind| {
                query.filter(Column::Kind.eq(kind.code()))
            });
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items = rows
            .items
            .into_iter()
            .map(union)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn add_district(&mut self, district: &District) -> Result<bool, StoreError> {
        let row = district::ActiveModel {
            code: Set(district.code.to_string()),
            name: Set(district.name.clone()),
            lng: Set(district.centre.lng()),
            lat: Set(district.centre.lat()),
        };
        let keep_first = OnConflict::column(district::Column::Code)
            .do_nothing()
            .to_owned();
        let inserted = district::Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn districts(&mut self) -> Result<Vec<District>, StoreError> {
        let query = district::Entity::find().order_by_asc(district::Column::Code);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(served)
            .collect()
    }
}

impl SqlTx {
    pub(crate) async fn unions_among(&self, ids: Vec<Uuid>) -> Result<Vec<Union>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Id.is_in(ids))
            .all(&self.db())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(union).collect()
    }
}

/// Unions inside an area. A path holds the ids of all unions above, so a subtree is found by its
/// root's id.
pub(crate) fn within(area: &Jurisdiction) -> Condition {
    match area {
        Jurisdiction::Everywhere => Condition::all(),
        Jurisdiction::District(district) => {
            let (first, last) = district.text_bounds();
            Condition::all().add(Column::District.between(first, last))
        }
        Jurisdiction::Union(id) => {
            Condition::all().add(Column::Path.contains(format!("/{}/", id.uuid().simple())))
        }
    }
}

/// Rows of another table whose union lies inside an area.
pub(crate) fn in_area(union_id: impl ColumnTrait, area: &Jurisdiction) -> Condition {
    let unions = Query::select()
        .column(Column::Id)
        .from(Entity)
        .cond_where(within(area))
        .to_owned();
    Condition::all().add(union_id.in_subquery(unions))
}

fn union(row: Model) -> Result<Union, StoreError> {
    let nonsense = || corrupt(TABLE, row.id);
    Ok(Union {
        id: UnionId::from_uuid(row.id),
        parent_id: row.parent_id.map(UnionId::from_uuid),
        kind: UnionKind::parse(&row.kind).ok_or_else(nonsense)?,
        district: parsed(TABLE, row.id, DistrictCode::parse(&row.district))?,
        occupation: row
            .occupation
            .as_deref()
            .map(|code| Occupation::parse(code).ok_or_else(nonsense))
            .transpose()?,
        platform: row
            .platform
            .as_deref()
            .map(|code| Platform::parse(code).ok_or_else(nonsense))
            .transpose()?,
        path: row.path,
        name: row.name,
    })
}

fn served(row: district::Model) -> Result<District, StoreError> {
    Ok(District {
        code: DistrictCode::parse(&row.code).map_err(|_| corrupt("districts", &row.code))?,
        centre: Place::new(row.lng, row.lat).map_err(|_| corrupt("districts", &row.code))?,
        name: row.name,
    })
}
