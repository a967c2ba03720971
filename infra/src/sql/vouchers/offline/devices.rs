//! Devices of stations. Unique keys decide about names and slots.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, StationDeviceId, StationId},
        values::local_time,
    },
    store::StoreError,
    vouchers::offline::{
        devices::device::{DeviceState, StationDevice},
        policy::Caps,
        ports::{DeviceScope, Enrolment, StationDeviceRepository},
    },
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QueryResult,
    sea_query::Expr,
};

use super::entity::station_device::{Column, Entity, Model};
use crate::sql::db::{
    area::at_stations,
    bulk::{Rows, cell},
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

const TABLE: &str = "station_devices";

/// The lowest free slot; another one may take it first.
const ENROL: &str = "WITH RECURSIVE slots (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM slots WHERE n < $6) \
    INSERT INTO station_devices (id, station_id, device_id, slot, state, enrolled_at, enrolled_by) \
    SELECT $1, $2, $3, n, 'active', $4, $5 FROM slots \
    WHERE n NOT IN (SELECT slot FROM station_devices WHERE station_id = $2 AND slot IS NOT NULL) \
    ORDER BY n LIMIT 1 ON CONFLICT DO NOTHING";

#[async_trait]
impl StationDeviceRepository for SqlTx {
    async fn enrol(
        &mut self,
        device: &StationDevice,
        ceiling: u16,
    ) -> Result<Enrolment, StoreError> {
        // Whoever loses a slot to another device tries the next one.
        for _ in 0..ceiling {
            let ids = [
                device.id.uuid().into(),
                device.station_id.uuid().into(),
                device.device_id.as_str().into(),
            ];
            let values = [
                device.enrolled_at.into(),
                device.enrolled_by.uuid().into(),
                i32::from(ceiling).into(),
            ];
            if self.run(ENROL, ids.into_iter().chain(values)).await? > 0 {
                return Ok(Enrolment::Enrolled);
            }
            if self
                .named(device.station_id, &device.device_id)
                .await?
                .is_some()
            {
                return Ok(Enrolment::Known);
            }
            let active = Entity::find()
                .filter(Column::StationId.eq(device.station_id.uuid()))
                .filter(Column::Slot.is_not_null());
            if active.count(&self.db()).await.map_err(store_error)? >= u64::from(ceiling) {
                break;
            }
        }
        Ok(Enrolment::Full)
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
        // A day that was reported to its end opens again: the device may scan after all.
        let sql = "UPDATE station_devices SET unsynced_from = \
             CASE WHEN unsynced_from < $2 THEN unsynced_from ELSE $2 END, packed_through = \
             CASE WHEN packed_through > $2 THEN packed_through ELSE $2 END WHERE id = $1 AND state = 'active'";
        if self
            .run(sql, [id.uuid().into(), day.to_string().into()])
            .await?
            == 0
        {
            return Ok(false);
        }
        let sql = "INSERT INTO offline_days (device, day, since, max_scans, max_fen) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (device, day) DO NOTHING";
        let limits = [i64::from(caps.scans).into(), caps.amount.get().into()];
        self.run(
            sql,
            [id.uuid().into(), day.to_string().into(), now.into()]
                .into_iter()
                .chain(limits),
        )
        .await?;
        Ok(true)
    }

    async fn sync(
        &mut self,
        id: StationDeviceId,
        through: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // The day in which `through` lies is not over; days before it are.
        let sql = "UPDATE station_devices SET synced_through = $2, unsynced_from = \
             CASE WHEN packed_through < $3 THEN NULL WHEN unsynced_from < $3 THEN $3 ELSE unsynced_from END \
             WHERE id = $1 AND (synced_through IS NULL OR synced_through < $2)";
        let day = local_time::date_of(through).to_string();
        self.run(sql, [id.uuid().into(), through.into(), day.into()])
            .await?;
        Ok(())
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

impl SqlTx {
    async fn named(
        &self,
        station: StationId,
        device_id: &str,
    ) -> Result<Option<Model>, StoreError> {
        let query = Entity::find()
            .filter(Column::StationId.eq(station.uuid()))
            .filter(Column::DeviceId.eq(device_id));
        query.one(&self.db()).await.map_err(store_error)
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

fn device(row: Model) -> Result<StationDevice, StoreError> {
    let id = row.id;
    let day = |text: Option<String>| {
        text.map(|text| parsed(TABLE, id, text.parse::<NaiveDate>()))
            .transpose()
    };
    let state = match (
        row.state.as_str(),
        row.revoked_at,
        row.revoked_by,
        row.revocation_reason,
    ) {
        ("active", None, None, None) => DeviceState::Active,
        ("revoked", Some(at), Some(by), Some(reason)) => DeviceState::Revoked {
            at,
            by: AccountId::from_uuid(by),
            reason,
        },
        _ => return Err(corrupt(TABLE, id)),
    };
    Ok(StationDevice {
        id: StationDeviceId::from_uuid(id),
        station_id: StationId::from_uuid(row.station_id),
        device_id: row.device_id,
        enrolled_at: row.enrolled_at,
        enrolled_by: AccountId::from_uuid(row.enrolled_by),
        state,
        packed_through: day(row.packed_through)?,
        unsynced_from: day(row.unsynced_from)?,
        synced_through: row.synced_through,
    })
}
