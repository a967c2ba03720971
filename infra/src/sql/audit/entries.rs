//! The audit trail and its chain. The head is one row, moved by compare-and-set, so two sealers
//! cannot fork it.

use async_trait::async_trait;
use niangjia_domain::{
    audit::{AuditEntry, AuditLine, AuditLog, AuditQuery, ChainHead},
    kernel::{
        Backlog, Jurisdiction, Page, PageRequest,
        id::{AccountId, AuditEntryId},
    },
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement,
};

use super::entity::audit_entry::{Column, Entity, Model};
use crate::sql::db::{
    area::inside,
    bulk::{Cells, Rows},
    error::store_error,
    rows::{corrupt, parsed},
    store::SqlTx,
};

#[async_trait]
impl AuditLog for SqlTx {
    async fn append_all(&mut self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        let each = || entries.iter();
        let role = |entry: &AuditEntry| entry.role.map(|role| role.code().to_owned());
        let rows = Rows::default()
            .uuids("id", each().map(|entry| entry.id.uuid()))
            .with("at", Cells::Times(each().map(|entry| entry.at).collect()))
            .with(
                "account_id",
                Cells::MaybeUuids(
                    each()
                        .map(|entry| entry.account_id.map(|id| id.uuid()))
                        .collect(),
                ),
            )
            .with("role", Cells::MaybeTexts(each().map(role).collect()))
            .texts("action", each().map(|entry| entry.action.to_owned()))
            .texts("subject", each().map(|entry| entry.subject.clone()))
            .texts("area", each().map(|entry| entry.area.to_string()))
            .texts("request_id", each().map(|entry| entry.request_id.clone()))
            .with(
                "detail",
                Cells::Documents(each().map(|entry| entry.detail.clone()).collect()),
            );
        let sql = "INSERT INTO audit_entries \
                     (id, at, account_id, role, action, subject, area, request_id, detail) \
                   SELECT id, at, account_id, role, action, subject, area, request_id, detail FROM {rows}";
        self.run_rows(sql, [], rows).await?;
        Ok(())
    }

    async fn unsealed(&mut self, limit: u64) -> Result<Vec<AuditLine>, StoreError> {
        let query = Entity::find()
            .filter(Column::Sequence.is_null())
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(line)
            .collect())
    }

    async fn backlog(&mut self) -> Result<Backlog, StoreError> {
        self.backlog_of("SELECT at FROM audit_entries WHERE sequence IS NULL ORDER BY id")
            .await
    }

    async fn head(&mut self) -> Result<ChainHead, StoreError> {
        let statement = Statement::from_string(
            self.backend(),
            "SELECT sequence, hash FROM audit_head WHERE id = 1",
        );
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        let row = row.ok_or_else(|| corrupt("audit_head", 1))?;
        let hash: Vec<u8> = row.try_get("", "hash").map_err(store_error)?;
        Ok(ChainHead {
            sequence: row.try_get("", "sequence").map_err(store_error)?,
            hash: hash.try_into().map_err(|_| corrupt("audit_head", 1))?,
        })
    }

    async fn seal(
        &mut self,
        expected: &ChainHead,
        lines: &[(AuditEntryId, ChainHead)],
    ) -> Result<bool, StoreError> {
        let Some((_, last)) = lines.last() else {
            return Ok(true);
        };
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "UPDATE audit_head SET sequence = $1, hash = $2 WHERE id = 1 AND sequence = $3",
            [
                last.sequence.into(),
                last.hash.to_vec().into(),
                expected.sequence.into(),
            ],
        );
        if self
            .db()
            .execute_raw(statement)
            .await
            .map_err(store_error)?
            .rows_affected()
            == 0
        {
            return Ok(false);
        }
        let rows = Rows::default()
            .uuids("id", lines.iter().map(|(id, _)| id.uuid()))
            .numbers("sequence", lines.iter().map(|(_, head)| head.sequence))
            .with(
                "hash",
                Cells::Bytes(lines.iter().map(|(_, head)| head.hash.to_vec()).collect()),
            );
        let sql = "UPDATE audit_entries SET sequence = t.sequence, hash = t.hash FROM {rows} \
                   WHERE audit_entries.id = t.id AND audit_entries.sequence IS NULL";
        Ok(self.run_rows(sql, [], rows).await? == lines.len() as u64)
    }

    async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: u64,
    ) -> Result<Vec<(AuditLine, [u8; 32])>, StoreError> {
        let query = Entity::find()
            .filter(Column::Sequence.gt(sequence))
            .order_by_asc(Column::Sequence)
            .limit(limit);
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        rows.into_iter()
            .map(|row| {
                let hash = row.hash.clone().unwrap_or_default();
                let hash = parsed("audit_entries", row.id, hash.try_into())?;
                Ok((line(row), hash))
            })
            .collect()
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        query: &AuditQuery,
        page: PageRequest,
    ) -> Result<Page<AuditLine>, StoreError> {
        let rows = self
            .page(wanted(area, query), Column::Id, page, |row| row.id)
            .await?;
        Ok(rows.map(line))
    }
}

/// Lines of the reader's area that the query asks for. Each condition has an index whose second
/// column is the id; times are conditions on the id, which begins with its millisecond.
fn wanted(area: &Jurisdiction, query: &AuditQuery) -> Select<Entity> {
    let asked = query.district.map(Jurisdiction::District);
    let mut lines = Entity::find().filter(inside(Column::Area, area));
    if let Some(asked) = asked {
        lines = lines.filter(inside(Column::Area, &asked));
    }
    if let Some(account) = query.account {
        lines = lines.filter(Column::AccountId.eq(account.uuid()));
    }
    if let Some(action) = &query.action {
        lines = lines.filter(Column::Action.eq(action));
    }
    if let Some(subject) = &query.subject {
        lines = lines.filter(Column::Subject.eq(subject));
    }
    if let Some(from) = query.from {
        lines = lines.filter(Column::Id.gte(AuditEntryId::earliest_at(from).uuid()));
    }
    if let Some(to) = query.to {
        lines = lines.filter(Column::Id.lt(AuditEntryId::earliest_at(to).uuid()));
    }
    lines
}

fn line(row: Model) -> AuditLine {
    AuditLine {
        id: AuditEntryId::from_uuid(row.id),
        at: row.at,
        account_id: row.account_id.map(AccountId::from_uuid),
        role: row.role,
        action: row.action,
        subject: row.subject,
        area: row.area,
        request_id: row.request_id,
        detail: row.detail,
        sequence: row.sequence,
    }
}
