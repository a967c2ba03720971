//! Uploads. The guarded update on status and lease decides who checks and who settles.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::{AccountId, UploadId},
    store::StoreError,
    uploads::{
        PhotoType, Purpose, Refusal, Upload, UploadState, object_key::ObjectToken,
        ports::UploadRepository,
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Expr,
};

use super::entity::upload::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

const TABLE: &str = "uploads";
const SETTLED: [&str; 3] = ["ready", "refused", "expired"];

#[async_trait]
impl UploadRepository for SqlTx {
    async fn insert(&mut self, upload: &Upload) -> Result<(), StoreError> {
        let columns = StateColumns::of(&upload.state);
        let row = ActiveModel {
            id: Set(upload.id.uuid()),
            owner_id: Set(upload.owner.uuid()),
            purpose: Set(upload.purpose.code().to_owned()),
            content_type: Set(upload.content_type.code().to_owned()),
            token: Set(upload.token.as_str().to_owned()),
            created_at: Set(upload.created_at),
            status: Set(upload.state.name().to_owned()),
            checking_since: Set(columns.checking_since),
            settled_at: Set(columns.settled_at),
            width: Set(columns.width),
            height: Set(columns.height),
            refusal: Set(columns.refusal),
            original_kept: Set(true),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_own(
        &mut self,
        owner: AccountId,
        id: UploadId,
    ) -> Result<Option<Upload>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(Column::OwnerId.eq(owner.uuid()));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(upload)
            .transpose()
    }

    async fn save(&mut self, upload: &Upload, was: &UploadState) -> Result<bool, StoreError> {
        let columns = StateColumns::of(&upload.state);
        let update = Entity::update_many()
            .col_expr(Column::Status, Expr::value(upload.state.name()))
            .col_expr(Column::CheckingSince, Expr::value(columns.checking_since))
            .col_expr(Column::SettledAt, Expr::value(columns.settled_at))
            .col_expr(Column::Width, Expr::value(columns.width))
            .col_expr(Column::Height, Expr::value(columns.height))
            .col_expr(Column::Refusal, Expr::value(columns.refusal))
            .filter(Column::Id.eq(upload.id.uuid()))
            .filter(still(was));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn ready_of(
        &mut self,
        owner: AccountId,
        ids: &[UploadId],
    ) -> Result<Vec<Upload>, StoreError> {
        self.uploads_of(ready(ids).filter(Column::OwnerId.eq(owner.uuid())))
            .await
    }

    async fn ready(&mut self, ids: &[UploadId]) -> Result<Vec<Upload>, StoreError> {
        self.uploads_of(ready(ids)).await
    }

    async fn with_stale_original(
        &mut self,
        given_up_before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Upload>, StoreError> {
        let stale = Condition::any()
            .add(Column::Status.is_in(SETTLED))
            .add(Column::CreatedAt.lte(given_up_before));
        let kept = Entity::find()
            .filter(Column::OriginalKept.eq(true))
            .filter(stale);
        self.uploads_of(kept.order_by_asc(Column::CreatedAt).limit(limit))
            .await
    }

    async fn original_removed(&mut self, id: UploadId) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::OriginalKept, Expr::value(false))
            .filter(Column::Id.eq(id.uuid()));
        update.exec(&self.db()).await.map_err(store_error)?;
        Ok(())
    }
}

impl SqlTx {
    async fn uploads_of(&self, query: Select<Entity>) -> Result<Vec<Upload>, StoreError> {
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(upload)
            .collect()
    }
}

fn ready(ids: &[UploadId]) -> Select<Entity> {
    let ids = ids.iter().map(|id| id.uuid());
    Entity::find()
        .filter(Column::Id.is_in(ids))
        .filter(Column::Status.eq("ready"))
}

/// The stored state is the expected one; of two checks, the one with this lease.
fn still(was: &UploadState) -> Condition {
    let lease = match StateColumns::of(was).checking_since {
        Some(since) => Column::CheckingSince.eq(since),
        None => Column::CheckingSince.is_null(),
    };
    Condition::all()
        .add(Column::Status.eq(was.name()))
        .add(lease)
}

/// What a state puts into its columns.
#[derive(Default)]
struct StateColumns {
    checking_since: Option<DateTime<Utc>>,
    settled_at: Option<DateTime<Utc>>,
    width: Option<i32>,
    height: Option<i32>,
    refusal: Option<String>,
}

impl StateColumns {
    fn of(state: &UploadState) -> Self {
        let pixels = |side: u32| i32::try_from(side).ok();
        match *state {
            UploadState::AwaitingObject => Self::default(),
            UploadState::Checking { since } => Self {
                checking_since: Some(since),
                ..Self::default()
            },
            UploadState::Ready { at, width, height } => Self {
                settled_at: Some(at),
                width: pixels(width),
                height: pixels(height),
                ..Self::default()
            },
            UploadState::Refused { at, refusal } => Self {
                settled_at: Some(at),
                refusal: Some(refusal.code().to_owned()),
                ..Self::default()
            },
            UploadState::Expired { at } => Self {
                settled_at: Some(at),
                ..Self::default()
            },
        }
    }
}

fn upload(row: Model) -> Result<Upload, StoreError> {
    let id = row.id;
    Ok(Upload {
        id: UploadId::from_uuid(id),
        owner: AccountId::from_uuid(row.owner_id),
        state: state(&row).ok_or_else(|| corrupt(TABLE, id))?,
        purpose: Purpose::parse(&row.purpose).ok_or_else(|| corrupt(TABLE, id))?,
        content_type: PhotoType::parse(&row.content_type).ok_or_else(|| corrupt(TABLE, id))?,
        token: parsed(TABLE, id, ObjectToken::parse(&row.token))?,
        created_at: row.created_at,
    })
}

fn state(row: &Model) -> Option<UploadState> {
    let side = |side: Option<i32>| u32::try_from(side?).ok();
    Some(match row.status.as_str() {
        "awaiting_object" => UploadState::AwaitingObject,
        "checking" => UploadState::Checking {
            since: row.checking_since?,
        },
        "ready" => UploadState::Ready {
            at: row.settled_at?,
            width: side(row.width)?,
            height: side(row.height)?,
        },
        "refused" => UploadState::Refused {
            at: row.settled_at?,
            refusal: Refusal::parse(row.refusal.as_deref()?)?,
        },
        "expired" => UploadState::Expired {
            at: row.settled_at?,
        },
        _ => return None,
    })
}
