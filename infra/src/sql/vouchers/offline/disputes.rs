//! The queue of disputed scans. A conditional update decides who resolves one.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{
        Fen, Jurisdiction, Page, PageRequest,
        id::{
            AccountId, DisputedScanId, RedemptionId, StationDeviceId, StationId, VoucherBatchId,
            VoucherId,
        },
        values::local_time,
    },
    store::StoreError,
    vouchers::offline::{
        disputes::dispute::{Claimed, Decided, DisputeReason, DisputeState, DisputedScan},
        ports::{DisputeFilter, DisputedScanRepository},
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr,
};

use super::entity::disputed_scan::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{
    area::at_stations,
    error::store_error,
    rows::{corrupt, took_effect},
    store::SqlTx,
};

const TABLE: &str = "disputed_scans";

#[async_trait]
impl DisputedScanRepository for SqlTx {
    async fn park(&mut self, disputed: &[DisputedScan]) -> Result<(), StoreError> {
        if disputed.is_empty() {
            return Ok(());
        }
        let insert = Entity::insert_many(disputed.iter().map(row));
        insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_many(&mut self, ids: &[DisputedScanId]) -> Result<Vec<DisputedScan>, StoreError> {
        let query = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter().map(disputed).collect()
    }

    async fn find_within(
        &mut self,
        id: DisputedScanId,
        area: &Jurisdiction,
    ) -> Result<Option<DisputedScan>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(at_stations(Column::StationId, area));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(disputed)
            .transpose()
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: DisputeFilter,
        page: PageRequest,
    ) -> Result<Page<DisputedScan>, StoreError> {
        let query = Entity::find()
            .filter(at_stations(Column::StationId, area))
            .apply_if(filter.status, |query, status| {
                query.filter(Column::Status.eq(status.code()))
            })
            .apply_if(filter.station, |query, station| {
                query.filter(Column::StationId.eq(station.uuid()))
            });
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items = rows
            .items
            .into_iter()
            .map(disputed)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn resolve(&mut self, resolved: &DisputedScan) -> Result<bool, StoreError> {
        let (decided, redemption) = match &resolved.state {
            DisputeState::Open => return Ok(false),
            DisputeState::Honoured(decided) | DisputeState::Rejected(decided) => (decided, None),
            DisputeState::Redeemed(decided, redemption) => (decided, Some(redemption.uuid())),
        };
        let update = Entity::update_many()
            .col_expr(Column::Status, Expr::value(resolved.status().code()))
            .col_expr(Column::ResolvedAt, Expr::value(decided.at))
            .col_expr(Column::ResolvedBy, Expr::value(decided.by.uuid()))
            .col_expr(
                Column::ResolutionReason,
                Expr::value(decided.reason.as_str()),
            )
            .col_expr(Column::RedemptionId, Expr::value(redemption))
            .filter(Column::Id.eq(resolved.id.uuid()))
            .filter(Column::Status.eq("open"));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }
}

fn row(it: &DisputedScan) -> ActiveModel {
    let claimed = it.claimed.as_ref();
    ActiveModel {
        id: Set(it.id.uuid()),
        device: Set(it.device.uuid()),
        station_id: Set(it.station_id.uuid()),
        scan_id: Set(it.scan_id.clone()),
        staff_id: Set(it.staff_id.uuid()),
        reason: Set(it.reason.as_str().to_owned()),
        scanned_at: Set(it.scanned_at),
        day: Set(local_time::date_of(it.scanned_at).to_string()),
        code: Set(it.code.clone()),
        price_fen: Set(it.price.map(Fen::get)),
        voucher_id: Set(claimed.map(|claimed| claimed.voucher_id.uuid())),
        batch_id: Set(claimed.map(|claimed| claimed.batch_id.uuid())),
        amount_fen: Set(claimed.map(|claimed| claimed.amount.get())),
        uploaded_at: Set(it.uploaded_at),
        due_at: Set(it.due_at),
        status: Set("open".to_owned()),
        resolved_at: Set(None),
        resolved_by: Set(None),
        resolution_reason: Set(None),
        redemption_id: Set(None),
    }
}

fn disputed(row: Model) -> Result<DisputedScan, StoreError> {
    let id = row.id;
    let lost = || corrupt(TABLE, id);
    let fen = |fen: i64| Fen::new(fen).ok_or_else(lost);
    let decided = match (row.resolved_at, row.resolved_by, row.resolution_reason) {
        (Some(at), Some(by), Some(reason)) => Some(Decided {
            at,
            by: AccountId::from_uuid(by),
            reason,
        }),
        _ => None,
    };
    let state = match (row.status.as_str(), decided, row.redemption_id) {
        ("open", None, None) => DisputeState::Open,
        ("honoured", Some(decided), None) => DisputeState::Honoured(decided),
        ("rejected", Some(decided), None) => DisputeState::Rejected(decided),
        ("redeemed", Some(decided), Some(redemption)) => {
            DisputeState::Redeemed(decided, RedemptionId::from_uuid(redemption))
        }
        _ => return Err(lost()),
    };
    let claimed = match (row.voucher_id, row.batch_id, row.amount_fen) {
        (Some(voucher), Some(batch), Some(amount)) => Some(Claimed {
            voucher_id: VoucherId::from_uuid(voucher),
            batch_id: VoucherBatchId::from_uuid(batch),
            amount: fen(amount)?,
        }),
        _ => None,
    };
    Ok(DisputedScan {
        id: DisputedScanId::from_uuid(id),
        device: StationDeviceId::from_uuid(row.device),
        station_id: StationId::from_uuid(row.station_id),
        staff_id: AccountId::from_uuid(row.staff_id),
        reason: DisputeReason::parse(&row.reason).ok_or_else(lost)?,
        price: row.price_fen.map(fen).transpose()?,
        scan_id: row.scan_id,
        scanned_at: row.scanned_at,
        code: row.code,
        claimed,
        uploaded_at: row.uploaded_at,
        due_at: row.due_at,
        state,
    })
}
