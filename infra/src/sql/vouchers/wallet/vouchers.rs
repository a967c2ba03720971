//! Vouchers: reading them, and giving back the reserve of those that are void. Issuing is in
//! `claims/issue.rs`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{
        Fen, Page, PageRequest,
        id::{AccountId, PersonId, VoucherBatchId, VoucherId},
    },
    store::StoreError,
    vouchers::{
        batches::batch::Batch,
        ports::{IssueOutcome, VoucherRepository},
        wallet::voucher::{Voucher, VoucherState},
    },
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
};
use uuid::Uuid;

use super::{
    entity::voucher::{Column, Entity, Model},
    postings::release_of_voucher,
};
use crate::sql::{
    db::{
        bulk::{Rows, models},
        error::store_error,
        rows::corrupt,
        store::SqlTx,
    },
    vouchers::claims::entity::voucher_slot,
};

const TABLE: &str = "vouchers";

#[async_trait]
impl VoucherRepository for SqlTx {
    async fn issue(
        &mut self,
        batch: &Batch,
        day: NaiveDate,
        vouchers: &[Voucher],
    ) -> Result<Vec<IssueOutcome>, StoreError> {
        self.issue_vouchers(batch, day, vouchers).await
    }

    async fn holders(&mut self, batch: VoucherBatchId) -> Result<Vec<AccountId>, StoreError> {
        let query = Entity::find()
            .select_only()
            .column(Column::AccountId)
            .filter(Column::BatchId.eq(batch.uuid()));
        let ids: Vec<Uuid> = query
            .into_tuple()
            .all(&self.db())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(AccountId::from_uuid).collect())
    }

    async fn find_of(
        &mut self,
        id: VoucherId,
        holder: PersonId,
    ) -> Result<Option<Voucher>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(Column::PersonId.eq(holder.uuid()));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(voucher)
            .transpose()
    }

    async fn find_many(&mut self, ids: &[VoucherId]) -> Result<Vec<Voucher>, StoreError> {
        let sql = "SELECT v.* FROM vouchers v WHERE v.id IN (SELECT id FROM {rows})";
        let rows = self
            .query_rows(
                sql,
                [],
                Rows::default().uuids("id", ids.iter().map(|id| id.uuid())),
            )
            .await?;
        models(&rows)?.into_iter().map(voucher).collect()
    }

    async fn list_of(
        &mut self,
        holder: PersonId,
        state: Option<VoucherState>,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Voucher>, StoreError> {
        let in_state = state.map_or_else(Condition::all, |state| in_state(state, now));
        let query = Entity::find()
            .filter(Column::PersonId.eq(holder.uuid()))
            .filter(in_state);
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items = rows
            .items
            .into_iter()
            .map(voucher)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn slots_used(
        &mut self,
        person: PersonId,
        batches: &[VoucherBatchId],
    ) -> Result<Vec<(VoucherBatchId, i64)>, StoreError> {
        use voucher_slot::Column::{BatchId, PersonId};
        let query = voucher_slot::Entity::find()
            .filter(PersonId.eq(person.uuid()))
            .filter(BatchId.is_in(batches.iter().map(|id| id.uuid())));
        let mut used: BTreeMap<Uuid, i64> = BTreeMap::new();
        for slot in query.all(&self.db()).await.map_err(store_error)? {
            *used.entry(slot.batch_id).or_default() += 1;
        }
        Ok(used
            .into_iter()
            .map(|(batch, count)| (VoucherBatchId::from_uuid(batch), count))
            .collect())
    }

    async fn expire(
        &mut self,
        void_by: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(VoucherBatchId, u64)>, StoreError> {
        let sql = format!(
            "UPDATE vouchers SET state = 'expired' WHERE state = 'issued' AND id IN (\
               SELECT id FROM vouchers WHERE state = 'issued' AND valid_to <= $1 ORDER BY valid_to LIMIT {limit}) \
             RETURNING *"
        );
        let statement = Statement::from_sql_and_values(self.backend(), sql, [void_by.into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let mut releases = Vec::with_capacity(rows.len());
        for row in models(&rows)? {
            releases.push(release_of_voucher(&row, now)?);
        }
        self.release(&releases).await
    }
}

fn in_state(state: VoucherState, now: DateTime<Utc>) -> Condition {
    let stored = Condition::all().add(Column::State.eq(state.code()));
    match state {
        VoucherState::Issued => stored.add(Column::ValidTo.gt(now)),
        VoucherState::Expired => {
            let void = Condition::all()
                .add(Column::State.eq("issued"))
                .add(Column::ValidTo.lte(now));
            Condition::any().add(stored).add(void)
        }
        VoucherState::Redeemed | VoucherState::Deactivated | VoucherState::Recalled => stored,
    }
}

fn voucher(row: Model) -> Result<Voucher, StoreError> {
    let lost = || corrupt(TABLE, row.id);
    Ok(Voucher {
        id: VoucherId::from_uuid(row.id),
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        person_id: PersonId::from_uuid(row.person_id),
        account_id: AccountId::from_uuid(row.account_id),
        face_value: Fen::new(row.face_value_fen).ok_or_else(lost)?,
        issued_at: row.issued_at,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        state: VoucherState::parse(&row.state).ok_or_else(lost)?,
    })
}
