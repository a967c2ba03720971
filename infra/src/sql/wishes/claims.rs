//! Donors' claims. Two partial unique indexes stand behind every insert: one live claim per wish
//! (W1), one live claim per numbered place of a donor (W8).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, WishClaimId, WishId},
    },
    store::StoreError,
    wishes::{
        claims::wish_claim::{ClaimState, ClaimStatus, MAX_LIVE_CLAIMS, Parcel, WishClaim},
        ports::WishClaimRepository,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::entity::wish_claim::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, took_effect},
    store::SqlTx,
};

const TABLE: &str = "wish_claims";
/// The predicate of both indexes, word for word.
const LIVE: &str = "status IN ('active', 'dispatched')";

#[async_trait]
impl WishClaimRepository for SqlTx {
    async fn insert(&mut self, claim: &WishClaim) -> Result<bool, StoreError> {
        for place in 1..=MAX_LIVE_CLAIMS {
            let free = OnConflict::columns([Column::DonorId, Column::DonorPlace])
                .target_and_where(Expr::cust(LIVE))
                .do_nothing()
                .to_owned();
            let insert = Entity::insert(new_row(claim, place)).on_conflict(free);
            if insert
                .exec_without_returning(&self.db())
                .await
                .map_err(store_error)?
                > 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn find(&mut self, id: WishClaimId) -> Result<Option<WishClaim>, StoreError> {
        Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(claim)
            .transpose()
    }

    async fn find_many(&mut self, ids: &[WishClaimId]) -> Result<Vec<WishClaim>, StoreError> {
        let query = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(claim)
            .collect()
    }

    async fn find_of(
        &mut self,
        id: WishClaimId,
        donor: AccountId,
    ) -> Result<Option<WishClaim>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(Column::DonorId.eq(donor.uuid()));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(claim)
            .transpose()
    }

    async fn save(&mut self, claim: &WishClaim, from: ClaimStatus) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .set(state_columns(claim))
            .filter(Column::Id.eq(claim.id.uuid()))
            .filter(Column::Status.eq(from.code()));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn list_own(
        &mut self,
        donor: AccountId,
        page: PageRequest,
    ) -> Result<Page<WishClaim>, StoreError> {
        let query = Entity::find().filter(Column::DonorId.eq(donor.uuid()));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(Page {
            next: rows.next,
            items: rows
                .items
                .into_iter()
                .map(claim)
                .collect::<Result<_, _>>()?,
        })
    }

    async fn list_overdue(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<WishClaim>, StoreError> {
        let query = Entity::find()
            .filter(Column::Status.eq(ClaimStatus::Active.code()))
            .filter(Column::LapsesAt.lte(now))
            .order_by_asc(Column::LapsesAt)
            .limit(limit);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(claim)
            .collect()
    }

    async fn list_unreminded(
        &mut self,
        claimed_by: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<WishClaim>, StoreError> {
        let query = Entity::find()
            .filter(Column::Status.eq(ClaimStatus::Active.code()))
            .filter(Column::RemindedAt.is_null())
            .filter(Column::ClaimedAt.lte(claimed_by))
            .order_by_asc(Column::ClaimedAt)
            .limit(limit);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(claim)
            .collect()
    }

    async fn mark_reminded(
        &mut self,
        id: WishClaimId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::RemindedAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Status.eq(ClaimStatus::Active.code()))
            .filter(Column::RemindedAt.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }
}

fn new_row(claim: &WishClaim, place: i16) -> ActiveModel {
    ActiveModel {
        id: Set(claim.id.uuid()),
        wish_id: Set(claim.wish_id.uuid()),
        donor_id: Set(claim.donor_id.uuid()),
        donor_place: Set(i32::from(place)),
        display_name: Set(claim.display_name.clone()),
        claimed_at: Set(claim.claimed_at),
        lapses_at: Set(claim.lapses_at),
        ..state_columns(claim)
    }
}

/// What the new state adds; what an earlier one said about the parcel stays.
fn state_columns(claim: &WishClaim) -> ActiveModel {
    let row = ActiveModel {
        status: Set(claim.status().code().to_owned()),
        ..ActiveModel::default()
    };
    match &claim.state {
        ClaimState::Active => row,
        ClaimState::Dispatched { at, parcel } => ActiveModel {
            dispatched_at: Set(Some(*at)),
            carrier: Set(parcel.carrier.clone()),
            tracking_no: Set(parcel.tracking_no.clone()),
            ..row
        },
        ClaimState::Fulfilled { at } | ClaimState::Lapsed { at } => ActiveModel {
            ended_at: Set(Some(*at)),
            ..row
        },
        ClaimState::Cancelled { at, reason } => ActiveModel {
            ended_at: Set(Some(*at)),
            reason: Set(reason.clone()),
            ..row
        },
    }
}

fn claim(row: Model) -> Result<WishClaim, StoreError> {
    let id = row.id;
    let ended = |at: Option<DateTime<Utc>>| at.ok_or_else(|| corrupt(TABLE, id));
    let state = match ClaimStatus::parse(&row.status).ok_or_else(|| corrupt(TABLE, id))? {
        ClaimStatus::Active => ClaimState::Active,
        ClaimStatus::Dispatched => {
            let parcel = Parcel {
                carrier: row.carrier,
                tracking_no: row.tracking_no,
            };
            ClaimState::Dispatched {
                at: ended(row.dispatched_at)?,
                parcel,
            }
        }
        ClaimStatus::Fulfilled => ClaimState::Fulfilled {
            at: ended(row.ended_at)?,
        },
        ClaimStatus::Cancelled => ClaimState::Cancelled {
            at: ended(row.ended_at)?,
            reason: row.reason,
        },
        ClaimStatus::Lapsed => ClaimState::Lapsed {
            at: ended(row.ended_at)?,
        },
    };
    Ok(WishClaim {
        id: WishClaimId::from_uuid(id),
        wish_id: WishId::from_uuid(row.wish_id),
        donor_id: AccountId::from_uuid(row.donor_id),
        display_name: row.display_name,
        claimed_at: row.claimed_at,
        lapses_at: row.lapses_at,
        state,
    })
}
