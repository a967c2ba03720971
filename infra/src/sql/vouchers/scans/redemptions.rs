//! Redemptions: reading, annulling, releasing what is left over, and the log of refused scans.
//! Accepting is in `accept.rs`.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{
        Fen, Page, PageRequest,
        id::{AccountId, PersonId, RedemptionId, StationId, VoucherBatchId, VoucherId},
    },
    store::StoreError,
    vouchers::{
        RefusedScan,
        batches::rules::meal::Meal,
        ports::{AcceptOutcome, RedemptionRepository},
        scans::redemption::{NewRedemption, Payment, Redemption, RedemptionState},
    },
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, sea_query::Expr};

use super::entity::redemption::{Column, Entity, Model};
use crate::sql::{
    db::{
        bulk::{Cells, Rows, models},
        error::store_error,
        rows::{corrupt, parsed},
        store::SqlTx,
    },
    vouchers::wallet::postings::{release_of_remainder, reversal},
};

const TABLE: &str = "redemptions";

#[async_trait]
impl RedemptionRepository for SqlTx {
    async fn accept(
        &mut self,
        redemptions: &[NewRedemption],
    ) -> Result<Vec<AcceptOutcome>, StoreError> {
        self.accept_all(redemptions).await
    }

    async fn find_at(
        &mut self,
        id: RedemptionId,
        stations: &[StationId],
    ) -> Result<Option<Redemption>, StoreError> {
        let here = Column::StationId.is_in(stations.iter().map(|station| station.uuid()));
        let query = Entity::find_by_id(id.uuid()).filter(here);
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(redemption)
            .transpose()
    }

    async fn live_of(&mut self, vouchers: &[VoucherId]) -> Result<Vec<Redemption>, StoreError> {
        let sql = "SELECT m.* FROM redemptions m \
                   WHERE m.voucher_id IN (SELECT voucher_id FROM {rows}) AND m.state IN ('accepted', 'settled')";
        let of = Rows::default().uuids("voucher_id", vouchers.iter().map(|id| id.uuid()));
        models(&self.query_rows(sql, [], of).await?)?
            .into_iter()
            .map(redemption)
            .collect()
    }

    async fn meals_taken(
        &mut self,
        meals: &[(PersonId, Meal)],
    ) -> Result<Vec<(PersonId, Meal)>, StoreError> {
        // A subquery for each row, and no join: PostgreSQL keeps a plan that it made while the
        // table was small, and a join would go on reading the whole table.
        let sql = "SELECT t.ordinal FROM {rows} WHERE (SELECT m.redemption_id FROM person_meals m \
                   WHERE m.person_id = t.person_id AND m.day = t.day AND m.meal = t.meal) IS NOT NULL";
        let wanted = Rows::default()
            .uuids("person_id", meals.iter().map(|(person, _)| person.uuid()))
            .texts("day", meals.iter().map(|(_, meal)| meal.day.to_string()))
            .texts("meal", meals.iter().map(|(_, meal)| meal.window.clone()));
        Ok(self
            .query_places(sql, wanted)
            .await?
            .into_iter()
            .map(|place| meals[place].clone())
            .collect())
    }

    async fn annul(&mut self, annulled: &Redemption) -> Result<bool, StoreError> {
        let RedemptionState::Annulled { at, by, reason } = &annulled.state else {
            return Ok(false);
        };
        let rows = Entity::update_many()
            .col_expr(Column::State, Expr::value("annulled"))
            .col_expr(Column::AnnulledAt, Expr::value(*at))
            .col_expr(Column::AnnulledBy, Expr::value(by.uuid()))
            .col_expr(Column::AnnulmentReason, Expr::value(reason.as_str()))
            .filter(Column::Id.eq(annulled.id.uuid()))
            .filter(Column::State.eq("accepted"))
            .filter(Column::RemainderReleasedAt.is_null())
            .exec_with_returning(&self.db())
            .await
            .map_err(store_error)?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(false);
        };
        let sql = "UPDATE vouchers SET state = 'issued' WHERE id = $1 AND state = 'redeemed'";
        if self.run(sql, [row.voucher_id.into()]).await? == 0 {
            return Err(corrupt("vouchers", row.voucher_id));
        }
        self.free_meals([row.id]).await?;
        self.post_all(&[reversal(&row, *at)?]).await?;
        Ok(true)
    }

    async fn refuse(&mut self, scans: &[RefusedScan]) -> Result<(), StoreError> {
        let each = || scans.iter();
        let rows = Rows::default()
            .uuids("id", each().map(|scan| scan.id.uuid()))
            .with("at", Cells::Times(each().map(|scan| scan.at).collect()))
            .with(
                "scanned_at",
                Cells::Times(each().map(|scan| scan.scanned_at).collect()),
            )
            .uuids("station_id", each().map(|scan| scan.station_id.uuid()))
            .uuids("staff_id", each().map(|scan| scan.staff_id.uuid()))
            .texts("device_id", each().map(|scan| scan.device_id.clone()))
            .texts("scan_id", each().map(|scan| scan.scan_id.clone()))
            .texts("reason", each().map(|scan| scan.reason.code().to_owned()))
            .with(
                "voucher_id",
                Cells::MaybeUuids(
                    each()
                        .map(|scan| scan.voucher_id.map(|id| id.uuid()))
                        .collect(),
                ),
            );
        let columns =
            "id, at, scanned_at, station_id, staff_id, device_id, scan_id, reason, voucher_id";
        self.run_rows(
            &format!("INSERT INTO refused_scans ({columns}) SELECT {columns} FROM {{rows}}"),
            [],
            rows,
        )
        .await?;
        Ok(())
    }

    async fn list_at(
        &mut self,
        station: StationId,
        day: NaiveDate,
        page: PageRequest,
    ) -> Result<Page<Redemption>, StoreError> {
        let query = Entity::find()
            .filter(Column::StationId.eq(station.uuid()))
            .filter(Column::Day.eq(day.to_string()));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items = rows
            .items
            .into_iter()
            .map(redemption)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn release_remainders(
        &mut self,
        accepted_before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(VoucherBatchId, u64)>, StoreError> {
        const DUE: &str =
            "remainder_fen > 0 AND remainder_released_at IS NULL AND state <> 'annulled'";
        let sql = format!(
            "UPDATE redemptions SET remainder_released_at = $1 WHERE {DUE} AND id IN (\
               SELECT id FROM redemptions WHERE {DUE} AND accepted_at < $2 ORDER BY accepted_at LIMIT {limit}) \
             RETURNING *"
        );
        let statement = Statement::from_sql_and_values(
            self.backend(),
            sql,
            [now.into(), accepted_before.into()],
        );
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let mut releases = Vec::with_capacity(rows.len());
        for row in models(&rows)? {
            releases.push(release_of_remainder(&row, now)?);
        }
        self.release(&releases).await
    }
}

pub(crate) fn redemption(row: Model) -> Result<Redemption, StoreError> {
    let id = row.id;
    let lost = || corrupt(TABLE, id);
    let fen = |amount| Fen::new(amount).ok_or_else(lost);
    let state = match (
        row.state.as_str(),
        row.annulled_at,
        row.annulled_by,
        &row.annulment_reason,
    ) {
        ("accepted", None, None, None) => RedemptionState::Accepted,
        ("settled", None, None, None) => RedemptionState::Settled,
        ("annulled", Some(at), Some(by), Some(reason)) => RedemptionState::Annulled {
            at,
            by: AccountId::from_uuid(by),
            reason: reason.clone(),
        },
        _ => return Err(lost()),
    };
    Ok(Redemption {
        id: RedemptionId::from_uuid(id),
        voucher_id: VoucherId::from_uuid(row.voucher_id),
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        person_id: PersonId::from_uuid(row.person_id),
        station_id: StationId::from_uuid(row.station_id),
        staff_id: AccountId::from_uuid(row.staff_id),
        meal: Meal {
            day: parsed(TABLE, id, row.day.parse())?,
            window: row.meal,
        },
        payment: Payment {
            price: fen(row.price_fen)?,
            is_price_typed: row.price_typed,
            amount: fen(row.amount_fen)?,
            copay: fen(row.copay_fen)?,
        },
        device_id: row.device_id,
        scan_id: row.scan_id,
        scanned_at: row.scanned_at,
        accepted_at: row.accepted_at,
        state,
    })
}
