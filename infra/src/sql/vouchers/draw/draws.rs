//! Draws and their entries. One row per draw counts entries, closes them and gives out the rounds.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, DrawEntryId, PersonId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::draw::{
        Draw, DrawEntry, DrawState,
        lots::{DrawSeed, Lot},
        ports::{DrawRepository, EnterOutcome},
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    Statement, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::{
        voucher_draw::{ActiveModel, Entity, Model},
        voucher_draw_entry as entry,
    },
    rows::{entry_of_row, entry_row},
};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{error::store_error, rows::corrupt, store::SqlTx},
};

const TABLE: &str = "voucher_draws";

#[async_trait]
impl DrawRepository for SqlTx {
    async fn add(&mut self, draw: &Draw) -> Result<(), StoreError> {
        let row = ActiveModel {
            batch_id: Set(draw.batch_id.uuid()),
            draw_at: Set(draw.draw_at),
            seed: Set(self.seal(seed_cell(draw.batch_id.uuid()), &draw.seed.expose())?),
            state: Set(draw.state.code().to_owned()),
            round: Set(draw.round),
            entries: Set(draw.entries),
            ranked: Set(draw.ranked),
            winners: Set(draw.winners),
            sold_out: Set(draw.sold_out),
            finished_at: Set(draw.finished_at),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find(&mut self, batch: VoucherBatchId) -> Result<Option<Draw>, StoreError> {
        let row = Entity::find_by_id(batch.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(|row| self.draw(row)).transpose()
    }

    async fn enter(&mut self, new: &DrawEntry) -> Result<EnterOutcome, StoreError> {
        let person = [entry::Column::BatchId, entry::Column::PersonId];
        let first_wins = OnConflict::columns(person).do_nothing().to_owned();
        let insert = entry::Entity::insert(entry_row(new)).on_conflict(first_wins);
        if insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            == 0
        {
            return Ok(EnterOutcome::Twice);
        }
        // Whoever takes the first round waits for this row, or this waits for them and finds the
        // entries closed.
        let sql = "UPDATE voucher_draws SET entries = entries + 1 WHERE batch_id = $1 AND state = 'waiting'";
        match self.run(sql, [new.batch_id.uuid().into()]).await? {
            0 => Ok(EnterOutcome::Closed),
            _ => Ok(EnterOutcome::Entered),
        }
    }

    async fn entry_of(
        &mut self,
        id: DrawEntryId,
        person: PersonId,
    ) -> Result<Option<DrawEntry>, StoreError> {
        let query =
            entry::Entity::find_by_id(id.uuid()).filter(entry::Column::PersonId.eq(person.uuid()));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(entry_of_row)
            .transpose()
    }

    async fn entries_of(
        &mut self,
        person: PersonId,
        batches: &[VoucherBatchId],
    ) -> Result<Vec<DrawEntry>, StoreError> {
        let query = entry::Entity::find()
            .filter(entry::Column::BatchId.is_in(batches.iter().map(|id| id.uuid())))
            .filter(entry::Column::PersonId.eq(person.uuid()));
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(entry_of_row)
            .collect()
    }

    async fn due(&mut self, now: DateTime<Utc>, limit: u64) -> Result<Vec<Draw>, StoreError> {
        let sql = format!(
            "SELECT d.* FROM voucher_draws d JOIN voucher_batches b ON b.id = d.batch_id \
             WHERE d.finished_at IS NULL AND (b.state = 'stopped' OR b.valid_to <= $1 \
                OR (b.state = 'running' AND d.draw_at <= $1)) ORDER BY d.draw_at LIMIT {limit}"
        );
        let statement = Statement::from_sql_and_values(self.backend(), sql, [now.into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let draw = |row| self.draw(Model::from_query_result(&row, "").map_err(store_error)?);
        rows.into_iter().map(draw).collect()
    }

    async fn take_round(&mut self, draw: &Draw) -> Result<bool, StoreError> {
        let sql = "UPDATE voucher_draws SET round = round + 1, \
                     state = CASE WHEN state = 'waiting' THEN 'scoring' ELSE state END \
                   WHERE batch_id = $1 AND round = $2 AND finished_at IS NULL";
        Ok(self
            .run(sql, [draw.batch_id.uuid().into(), draw.round.into()])
            .await?
            > 0)
    }

    async fn save(&mut self, draw: &Draw) -> Result<(), StoreError> {
        let sql = "UPDATE voucher_draws SET state = $2, ranked = $3, winners = $4, sold_out = $5, finished_at = $6 \
                   WHERE batch_id = $1";
        let state = draw.state.code().into();
        let counts = [
            draw.ranked.into(),
            draw.winners.into(),
            draw.sold_out.into(),
            draw.finished_at.into(),
        ];
        self.run(
            sql,
            [draw.batch_id.uuid().into(), state]
                .into_iter()
                .chain(counts)
                .collect::<Vec<_>>(),
        )
        .await?;
        Ok(())
    }

    async fn without_lot(
        &mut self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<DrawEntryId>, StoreError> {
        self.entries_without_lot(batch, limit).await
    }

    async fn give_lots(&mut self, lots: &[(DrawEntryId, Lot)]) -> Result<(), StoreError> {
        self.write_lots(lots).await
    }

    async fn next_in_order(
        &mut self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<DrawEntry>, StoreError> {
        self.undecided(batch, limit).await
    }

    async fn decide(&mut self, entries: &[DrawEntry]) -> Result<(), StoreError> {
        self.write_verdicts(entries).await
    }

    async fn cancel(
        &mut self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<(DrawEntryId, AccountId)>, StoreError> {
        self.cancel_undecided(batch, limit).await
    }

    async fn list_ranked(
        &mut self,
        batch: VoucherBatchId,
        page: PageRequest,
    ) -> Result<Page<DrawEntry>, StoreError> {
        self.ranked(batch, page).await
    }
}

impl SqlTx {
    fn draw(&self, row: Model) -> Result<Draw, StoreError> {
        let lost = || corrupt(TABLE, row.batch_id);
        let seed = self.open(seed_cell(row.batch_id), &row.seed)?;
        Ok(Draw {
            batch_id: VoucherBatchId::from_uuid(row.batch_id),
            draw_at: row.draw_at,
            seed: DrawSeed::parse(&seed).ok_or_else(lost)?,
            state: DrawState::parse(&row.state).ok_or_else(lost)?,
            round: row.round,
            entries: row.entries,
            ranked: row.ranked,
            winners: row.winners,
            sold_out: row.sold_out,
            finished_at: row.finished_at,
        })
    }
}

const fn seed_cell(row: Uuid) -> Cell {
    Cell {
        table: TABLE,
        column: "seed",
        row,
    }
}
