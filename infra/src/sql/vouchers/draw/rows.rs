//! Entries between rows and the domain, and what a draw writes to many of them at once.

use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, DrawEntryId, PersonId, VoucherBatchId, VoucherId},
    },
    store::StoreError,
    vouchers::draw::{DrawEntry, EntryState, lots::Lot},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

use super::entity::voucher_draw_entry::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{
    bulk::{Cells, Rows},
    error::store_error,
    rows::corrupt,
    store::SqlTx,
};

impl SqlTx {
    pub(crate) async fn entries_without_lot(
        &self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<DrawEntryId>, StoreError> {
        let query = Entity::find()
            .filter(Column::BatchId.eq(batch.uuid()))
            .filter(Column::State.eq("entered"))
            .filter(Column::Lot.is_null())
            .limit(limit);
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|row| DrawEntryId::from_uuid(row.id))
            .collect())
    }

    pub(crate) async fn write_lots(&self, lots: &[(DrawEntryId, Lot)]) -> Result<(), StoreError> {
        let sql = "UPDATE voucher_draw_entries AS e SET lot = t.lot FROM {rows} WHERE e.id = t.id AND e.state = 'entered'";
        let rows = Rows::default()
            .uuids("id", lots.iter().map(|(entry, _)| entry.uuid()))
            .with(
                "lot",
                Cells::Bytes(lots.iter().map(|(_, lot)| lot.0.to_vec()).collect()),
            );
        self.run_rows(sql, [], rows).await?;
        Ok(())
    }

    pub(crate) async fn undecided(
        &self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<DrawEntry>, StoreError> {
        let query = Entity::find()
            .filter(Column::BatchId.eq(batch.uuid()))
            .filter(Column::State.eq("entered"))
            .order_by_asc(Column::Lot)
            .order_by_asc(Column::Id)
            .limit(limit);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(entry_of_row)
            .collect()
    }

    pub(crate) async fn write_verdicts(&self, entries: &[DrawEntry]) -> Result<(), StoreError> {
        let sql = "UPDATE voucher_draw_entries AS e SET state = t.state, rank = t.rank, voucher_id = t.voucher_id \
                   FROM {rows} WHERE e.id = t.id AND e.state = 'entered'";
        let vouchers = entries
            .iter()
            .map(|entry| entry.state.voucher_id().map(|id| id.uuid()));
        let rows = Rows::default()
            .uuids("id", entries.iter().map(|entry| entry.id.uuid()))
            .texts(
                "state",
                entries.iter().map(|entry| entry.state.as_str().to_owned()),
            )
            .numbers(
                "rank",
                entries.iter().filter_map(|entry| entry.state.rank()),
            )
            .with("voucher_id", Cells::MaybeUuids(vouchers.collect()));
        self.run_rows(sql, [], rows).await?;
        Ok(())
    }

    pub(crate) async fn cancel_undecided(
        &self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<(DrawEntryId, AccountId)>, StoreError> {
        let sql = format!(
            "UPDATE voucher_draw_entries SET state = 'cancelled' WHERE id IN (\
               SELECT id FROM voucher_draw_entries WHERE batch_id = $1 AND state = 'entered' LIMIT {limit}) \
             RETURNING *"
        );
        let statement = Statement::from_sql_and_values(self.backend(), sql, [batch.uuid().into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let owner = |row| {
            let row = Model::from_query_result(&row, "").map_err(store_error)?;
            Ok((
                DrawEntryId::from_uuid(row.id),
                AccountId::from_uuid(row.account_id),
            ))
        };
        rows.into_iter().map(owner).collect()
    }

    /// By rank; the cursor is the id of the last entry seen.
    pub(crate) async fn ranked(
        &self,
        batch: VoucherBatchId,
        page: PageRequest,
    ) -> Result<Page<DrawEntry>, StoreError> {
        let ranked = Entity::find()
            .filter(Column::BatchId.eq(batch.uuid()))
            .filter(Column::Rank.is_not_null());
        let seen = match page.after {
            Some(after) => ranked
                .clone()
                .filter(Column::Id.eq(after))
                .one(&self.db())
                .await
                .map_err(store_error)?,
            None => None,
        };
        let first = seen.and_then(|row| row.rank).unwrap_or_default();
        let query = ranked
            .filter(Column::Rank.gt(first))
            .order_by_asc(Column::Rank)
            .limit(page.limit + 1);
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        let entries = rows
            .into_iter()
            .map(entry_of_row)
            .collect::<Result<_, _>>()?;
        Ok(Page::cut(entries, page, |entry: &DrawEntry| {
            entry.id.uuid()
        }))
    }
}

pub(crate) fn entry_row(entry: &DrawEntry) -> ActiveModel {
    ActiveModel {
        id: Set(entry.id.uuid()),
        batch_id: Set(entry.batch_id.uuid()),
        person_id: Set(entry.person_id.uuid()),
        account_id: Set(entry.account_id.uuid()),
        entered_at: Set(entry.entered_at),
        draws_at: Set(entry.draws_at),
        lot: Set(None),
        state: Set(entry.state.as_str().to_owned()),
        rank: Set(entry.state.rank()),
        voucher_id: Set(entry.state.voucher_id().map(|id| id.uuid())),
    }
}

pub(crate) fn entry_of_row(row: Model) -> Result<DrawEntry, StoreError> {
    let lost = || corrupt("voucher_draw_entries", row.id);
    let rank = || row.rank.ok_or_else(lost);
    let state = match row.state.as_str() {
        "entered" => EntryState::Entered,
        "won" => EntryState::Won {
            rank: rank()?,
            voucher_id: row.voucher_id.map(VoucherId::from_uuid).ok_or_else(lost)?,
        },
        "lost" => EntryState::Lost { rank: rank()? },
        "ineligible" => EntryState::Ineligible { rank: rank()? },
        "cancelled" => EntryState::Cancelled,
        _ => return Err(lost()),
    };
    Ok(DrawEntry {
        id: DrawEntryId::from_uuid(row.id),
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        person_id: PersonId::from_uuid(row.person_id),
        account_id: AccountId::from_uuid(row.account_id),
        entered_at: row.entered_at,
        draws_at: row.draws_at,
        state,
    })
}
