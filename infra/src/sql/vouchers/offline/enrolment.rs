//! Enrolling a station's device: unique keys decide about its name and its slot.

use niangjia_domain::{
    kernel::id::StationId,
    store::StoreError,
    vouchers::offline::{devices::device::StationDevice, ports::Enrolment},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::entity::station_device::{Column, Entity, Model};
use crate::sql::db::{error::store_error, store::SqlTx};

/// The lowest free slot; another one may take it first.
const ENROL: &str = "WITH RECURSIVE slots (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM slots WHERE n < $6) \
    INSERT INTO station_devices (id, station_id, device_id, slot, state, enrolled_at, enrolled_by) \
    SELECT $1, $2, $3, n, 'active', $4, $5 FROM slots \
    WHERE n NOT IN (SELECT slot FROM station_devices WHERE station_id = $2 AND slot IS NOT NULL) \
    ORDER BY n LIMIT 1 ON CONFLICT DO NOTHING";

impl SqlTx {
    pub(crate) async fn enrol_in_lowest_slot(
        &self,
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

    pub(crate) async fn named(
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
