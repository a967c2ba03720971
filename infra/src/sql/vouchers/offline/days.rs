//! Days on which a device may scan without a network, from the first pack to the last upload.

use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{id::StationDeviceId, values::local_time},
    store::StoreError,
    vouchers::offline::policy::Caps,
};

use crate::sql::db::store::SqlTx;

impl SqlTx {
    pub(crate) async fn open_device_day(
        &self,
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

    pub(crate) async fn close_days_before(
        &self,
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
}
