//! Devices of stations: found, listed, revoked.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{StationDeviceId, StationId},
    },
    store::StoreError,
    vouchers::offline::{
        devices::device::{DeviceState, StationDevice},
        policy::Caps,
        ports::{DeviceScope, Enrolment, StationDeviceRepository},
    },
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QueryResult, sea_query::Expr,
};

use super::{
    device::device,
    entity::station_device::{Column, Entity},
};
use crate::sql::db::{
    area::at_stations,
    bulk::{Rows, cell},
    error::store_error,
    rows::took_effect,
    store::SqlTx,
};

#[async_trait]
impl StationDeviceRepository for SqlTx {
    async fn enrol(
        &mut self,
        device: &StationDevice,
        ceiling: u16,
    ) -> Result<Enrolment, StoreError> {
        self.enrol_in_lowest_slot(device, ceiling).await
    }

    async fn find(&mut self, id: StationDeviceId) -> Result<Option<StationDevice>, StoreError> {
        Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(device)
            .transpose()
    }

    async fn find_named(
        &mut self,
        station: StationId,
        device_id: &str,
    ) -> Result<Option<StationDevice>, StoreError> {
        self.named(station, device_id)
            .await?
            .map(device)
            .transpose()
    }

    async fn find_within(
        &mut self,
        id: StationDeviceId,
        scope: &DeviceScope,
    ) -> Result<Option<StationDevice>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(inside(scope));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(device)
            .transpose()
    }

    async fn known(
        &mut self,
        of: &[(StationId, String)],
    ) -> Result<Vec<((StationId, String), bool)>, StoreError> {
        let sql = "SELECT d.station_id, d.device_id, d.state FROM {rows} CROSS JOIN station_devices d \
             WHERE d.station_id = t.station_id AND d.device_id = t.device_id";
        let asked = Rows::default()
            .uuids("station_id", of.iter().map(|(station, _)| station.uuid()))
            .texts("device_id", of.iter().map(|(_, device)| device.clone()));
        let known = |row: &QueryResult| {
            let key = (
                StationId::from_uuid(cell(row, "station_id")?),
                cell(row, "device_id")?,
            );
            Ok((key, cell::<String>(row, "state")? == "revoked"))
        };
        self.query_rows(sql, [], asked)
            .await?
            .iter()
            .map(known)
            .collect()
    }

    async fn list_at(
        &mut self,
        station: StationId,
        scope: &DeviceScope,
        page: PageRequest,
    ) -> Result<Page<StationDevice>, StoreError> {
        let query = Entity::find()
            .filter(Column::StationId.eq(station.uuid()))
            .filter(inside(scope));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items = rows
            .items
            .into_iter()
            .map(device)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn revoke(&mut self, revoked: &StationDevice) -> Result<bool, StoreError> {
        let DeviceState::Revoked { at, by, reason } = &revoked.state else {
            return Ok(false);
        };
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value("revoked"))
            .col_expr(Column::Slot, Expr::value(None::<i32>))
            .col_expr(Column::RevokedAt, Expr::value(*at))
            .col_expr(Column::RevokedBy, Expr::value(by.uuid()))
            .col_expr(Column::RevocationReason, Expr::value(reason.as_str()))
            .filter(Column::Id.eq(revoked.id.uuid()))
            .filter(Column::State.eq("active"));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn open_day(
        &mut self,
        id: StationDeviceId,
        day: NaiveDate,
        caps: Caps,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.open_device_day(id, day, caps, now).await
    }

    async fn sync(
        &mut self,
        id: StationDeviceId,
        through: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.close_days_before(id, through).await
    }

    async fn write_off(&mut self, id: StationDeviceId) -> Result<bool, StoreError> {
        let sql = "UPDATE station_devices SET unsynced_from = NULL WHERE id = $1 AND unsynced_from IS NOT NULL";
        Ok(self.run(sql, [id.uuid().into()]).await? > 0)
    }

    async fn unsynced(
        &mut self,
        station: StationId,
        through: NaiveDate,
    ) -> Result<Vec<StationDevice>, StoreError> {
        let query = Entity::find()
            .filter(Column::StationId.eq(station.uuid()))
            .filter(Column::UnsyncedFrom.lte(through.to_string()))
            .order_by_asc(Column::Id);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(device)
            .collect()
    }
}

fn inside(scope: &DeviceScope) -> Condition {
    let own = Column::StationId.is_in(scope.stations.iter().map(|station| station.uuid()));
    let here = scope
        .area
        .as_ref()
        .map(|area| at_stations(Column::StationId, area));
    Condition::any().add(own).add_option(here)
}
