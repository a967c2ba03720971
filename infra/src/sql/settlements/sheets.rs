//! Sheets and their days. A sheet is written by compare-and-set on its revision; the primary key of
//! the days keeps two sheets of a station apart. What a freeze takes is in `payable.rs`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        DistrictCode, Page, PageRequest,
        id::{AccountId, DisputedScanId, PersonId, SettlementId, StationId, VoucherBatchId},
    },
    settlements::{
        Settlement,
        ports::{SettlementFilter, SettlementRepository},
        sheets::{
            line::{Line, Totals},
            period::Period,
            reach::Reach,
        },
    },
    store::StoreError,
    vouchers::batches::batch::Officer,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::entity::settlement::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{
    area::inside,
    error::store_error,
    rows::{corrupt, parsed},
    store::SqlTx,
};

const TABLE: &str = "settlements";

#[async_trait]
impl SettlementRepository for SqlTx {
    async fn add(&mut self, settlement: &Settlement) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: Set(settlement.id.uuid()),
            station_id: Set(settlement.station_id.uuid()),
            district: Set(settlement.district.to_string()),
            first_day: Set(settlement.period.first().to_string()),
            last_day: Set(settlement.period.last().to_string()),
            status: Set(settlement.status().code().to_owned()),
            stage: Set(stage(settlement)?),
            made_by: Set(settlement.made_by.account_id.uuid()),
            made_by_person: Set(settlement.made_by.person_id.map(|person| person.uuid())),
            created_at: Set(settlement.created_at),
            revision: Set(settlement.revision),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        const TAKE_DAY: &str = "INSERT INTO settlement_days (station_id, day, settlement_id) VALUES ($1, $2, $3) \
                                ON CONFLICT DO NOTHING";
        for day in settlement.period.days() {
            let values = [
                settlement.station_id.uuid().into(),
                day.to_string().into(),
                settlement.id.uuid().into(),
            ];
            if self.run(TAKE_DAY, values).await? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn find(
        &mut self,
        id: SettlementId,
        reach: &Reach,
    ) -> Result<Option<Settlement>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(within(reach));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(settlement)
            .transpose()
    }

    async fn list(
        &mut self,
        reach: &Reach,
        filter: SettlementFilter,
        page: PageRequest,
    ) -> Result<Page<Settlement>, StoreError> {
        let mut query = Entity::find().filter(within(reach));
        if let Some(station) = filter.station {
            query = query.filter(Column::StationId.eq(station.uuid()));
        }
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(status.code()));
        }
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(Page {
            items: rows
                .items
                .into_iter()
                .map(settlement)
                .collect::<Result<_, _>>()?,
            next: rows.next,
        })
    }

    async fn hold_still(&mut self, seen: &Settlement) -> Result<bool, StoreError> {
        let sql = "UPDATE settlements SET revision = revision WHERE id = $1 AND revision = $2";
        Ok(self
            .run(sql, [seen.id.uuid().into(), seen.revision.into()])
            .await?
            > 0)
    }

    async fn save(&mut self, after: &Settlement) -> Result<bool, StoreError> {
        const SAVE: &str = "UPDATE settlements SET status = $3, stage = $4, revision = revision + 1 \
                            WHERE id = $1 AND revision = $2";
        let status = after.status();
        let values = [
            after.id.uuid().into(),
            after.revision.into(),
            status.code().into(),
            stage(after)?.into(),
        ];
        if self.run(SAVE, values).await? == 0 {
            return Ok(false);
        }
        if status.is_void() {
            self.run(
                "DELETE FROM settlement_days WHERE settlement_id = $1",
                [after.id.uuid().into()],
            )
            .await?;
        }
        Ok(true)
    }

    async fn youngest_payable(
        &mut self,
        settlement: &Settlement,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.youngest_payable_redemption(settlement).await
    }

    async fn undecided_scans(
        &mut self,
        settlement: &Settlement,
    ) -> Result<Vec<DisputedScanId>, StoreError> {
        self.undecided_scans_of(settlement).await
    }

    async fn take_lines(
        &mut self,
        settlement: &Settlement,
        accepted_before: DateTime<Utc>,
    ) -> Result<Totals, StoreError> {
        self.mark_payable(settlement, accepted_before).await?;
        self.copy_lines(settlement).await?;
        self.totals_of(settlement.id).await
    }

    async fn release_lines(&mut self, id: SettlementId) -> Result<(), StoreError> {
        self.unmark(id).await
    }

    async fn lines(
        &mut self,
        id: SettlementId,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Line>, StoreError> {
        self.lines_after(id, after, limit).await
    }

    async fn page_of_lines(
        &mut self,
        id: SettlementId,
        page: PageRequest,
    ) -> Result<Page<Line>, StoreError> {
        let after = match page.after {
            None => 0,
            Some(subject) => match self.line_no_of(id, subject).await? {
                Some(no) => no,
                None => {
                    return Ok(Page {
                        items: Vec::new(),
                        next: None,
                    });
                }
            },
        };
        let lines = self.lines_after(id, after, page.limit + 1).await?;
        Ok(Page::cut(lines, page, Line::subject_uuid))
    }

    async fn overspent(&mut self, id: SettlementId) -> Result<Vec<VoucherBatchId>, StoreError> {
        self.overspent_batches(id).await
    }

    async fn adjusters(&mut self, id: SettlementId) -> Result<Vec<Officer>, StoreError> {
        self.adjusters_of(id).await
    }
}

fn stage(settlement: &Settlement) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(&settlement.stage).map_err(|error| StoreError::Failed(Box::new(error)))
}

fn within(reach: &Reach) -> Condition {
    let own = Column::StationId.is_in(reach.stations.iter().map(|station| station.uuid()));
    let here = reach
        .area
        .as_ref()
        .map(|area| inside(Column::District, area));
    Condition::any().add(own).add_option(here)
}

fn settlement(row: Model) -> Result<Settlement, StoreError> {
    let id = row.id;
    let (first, last) = (
        parsed(TABLE, id, row.first_day.parse())?,
        parsed(TABLE, id, row.last_day.parse())?,
    );
    let made_by = Officer {
        account_id: AccountId::from_uuid(row.made_by),
        person_id: row.made_by_person.map(PersonId::from_uuid),
    };
    let settlement = Settlement {
        id: SettlementId::from_uuid(id),
        station_id: StationId::from_uuid(row.station_id),
        district: parsed(TABLE, id, DistrictCode::parse(&row.district))?,
        period: parsed(TABLE, id, Period::new(first, last))?,
        made_by,
        created_at: row.created_at,
        stage: parsed(TABLE, id, serde_json::from_value(row.stage))?,
        revision: row.revision,
    };
    if settlement.status().code() == row.status {
        Ok(settlement)
    } else {
        Err(corrupt(TABLE, id))
    }
}
