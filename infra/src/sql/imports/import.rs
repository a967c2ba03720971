//! The row of an import.

use niangjia_domain::{
    imports::{Import, ImportState, ImportStatus, Tally},
    kernel::{
        DistrictCode, Jurisdiction,
        id::{AccountId, ImportId, UnionId},
    },
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::sql::db::rows::{corrupt, parsed};

pub(super) const TABLE: &str = "imports";

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub dry_run: bool,
    pub file_name: String,
    pub district: Option<String>,
    /// The import is a union's, and `district` the union's own.
    pub union_id: Option<Uuid>,
    pub requested_by: Option<Uuid>,
    pub rows_total: i64,
    pub rows_read: i64,
    pub added: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub errors: i64,
    pub state: String,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(super) fn row(import: &Import) -> ActiveModel {
    let union_id = match import.area {
        Jurisdiction::Union(id) => Some(id.uuid()),
        Jurisdiction::Everywhere | Jurisdiction::District(_) => None,
    };
    let tally = import.tally;
    ActiveModel {
        id: Set(import.id.uuid()),
        kind: Set(import.kind.clone()),
        dry_run: Set(import.dry_run),
        file_name: Set(import.file_name.clone()),
        district: Set(import.district.map(|district| district.to_string())),
        union_id: Set(union_id),
        requested_by: Set(import.requested_by.map(|id| id.uuid())),
        rows_total: Set(whole(import.rows_total)),
        rows_read: Set(whole(tally.read)),
        added: Set(whole(tally.added)),
        updated: Set(whole(tally.updated)),
        unchanged: Set(whole(tally.unchanged)),
        refused: Set(whole(tally.refused)),
        errors: Set(whole(tally.errors)),
        state: Set(import.state.status().code().to_owned()),
        created_at: Set(import.created_at),
        finished_at: Set(import.state.finished_at()),
    }
}

pub(super) fn import(row: Model) -> Result<Import, StoreError> {
    let district = row
        .district
        .as_deref()
        .map(|code| parsed(TABLE, row.id, DistrictCode::parse(code)))
        .transpose()?;
    let area = match (row.union_id, district) {
        (Some(union), _) => Jurisdiction::Union(UnionId::from_uuid(union)),
        (None, Some(district)) => Jurisdiction::District(district),
        (None, None) => Jurisdiction::Everywhere,
    };
    let state = ImportStatus::parse(&row.state).and_then(|it| ImportState::of(it, row.finished_at));
    Ok(Import {
        id: ImportId::from_uuid(row.id),
        kind: row.kind,
        dry_run: row.dry_run,
        file_name: row.file_name,
        area,
        district,
        requested_by: row.requested_by.map(AccountId::from_uuid),
        rows_total: row.rows_total.unsigned_abs(),
        tally: Tally {
            read: row.rows_read.unsigned_abs(),
            added: row.added.unsigned_abs(),
            updated: row.updated.unsigned_abs(),
            unchanged: row.unchanged.unsigned_abs(),
            refused: row.refused.unsigned_abs(),
            errors: row.errors.unsigned_abs(),
        },
        state: state.ok_or_else(|| corrupt(TABLE, row.id))?,
        created_at: row.created_at,
    })
}

pub(super) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
