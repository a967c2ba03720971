//! First answers to uploaded scans, and the caps of a device's days. The primary key (device, scan
//! id) decides which of two twins goes first; a conditional update, whether a scan fits into the
//! day.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{Fen, id::StationDeviceId},
    store::StoreError,
    vouchers::{
        offline::{ItemOutcome, devices::device::StationDevice, ports::OfflineScanRepository},
        scans::refusal::Refusal,
    },
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

use crate::sql::db::{
    bulk::{Cells, Rows, cell},
    error::store_error,
    rows::corrupt,
    store::SqlTx,
};

const TABLE: &str = "offline_scans";

#[async_trait]
impl OfflineScanRepository for SqlTx {
    async fn reserve(
        &mut self,
        device: StationDeviceId,
        scan_ids: &[String],
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        // In one order, so that two uploads of the same scans never wait for each other.
        let mut sorted = scan_ids.to_vec();
        sorted.sort_unstable();
        let sql = "INSERT INTO offline_scans (device, scan_id, uploaded_at) SELECT $1, t.scan_id, $2 FROM {rows} \
             WHERE TRUE ORDER BY ordinal ON CONFLICT (device, scan_id) DO NOTHING RETURNING scan_id";
        let rows = Rows::default().texts("scan_id", sorted);
        let fresh = self
            .query_rows(sql, [device.uuid().into(), now.into()], rows)
            .await?;
        fresh.iter().map(|row| cell(row, "scan_id")).collect()
    }

    async fn answers(
        &mut self,
        device: StationDeviceId,
        scan_ids: &[String],
    ) -> Result<Vec<(String, ItemOutcome)>, StoreError> {
        let sql = "SELECT o.scan_id, o.answer FROM offline_scans o JOIN {rows} ON t.scan_id = o.scan_id \
             WHERE o.device = $1 AND o.answer IS NOT NULL";
        let rows = Rows::default().texts("scan_id", scan_ids.to_vec());
        let known = self.query_rows(sql, [device.uuid().into()], rows).await?;
        let answer = |row: &QueryResult| {
            let id: String = cell(row, "scan_id")?;
            let outcome =
                serde_json::from_value(cell(row, "answer")?).map_err(|_| corrupt(TABLE, &id))?;
            Ok((id, outcome))
        };
        known.iter().map(answer).collect()
    }

    async fn record(
        &mut self,
        device: StationDeviceId,
        answers: &[(String, ItemOutcome)],
    ) -> Result<(), StoreError> {
        let written = |(_, outcome): &(String, ItemOutcome)| serde_json::to_value(outcome);
        let documents = answers.iter().map(written).collect::<Result<Vec<_>, _>>();
        let documents = documents.map_err(|error| StoreError::Failed(Box::new(error)))?;
        let sql = "UPDATE offline_scans SET answer = t.answer FROM {rows} \
             WHERE offline_scans.device = $1 AND offline_scans.scan_id = t.scan_id";
        let rows = Rows::default().texts("scan_id", answers.iter().map(|(id, _)| id.clone()));
        self.run_rows(
            sql,
            [device.uuid().into()],
            rows.with("answer", Cells::Documents(documents)),
        )
        .await?;
        Ok(())
    }

    async fn days(
        &mut self,
        device: StationDeviceId,
    ) -> Result<Vec<(NaiveDate, DateTime<Utc>)>, StoreError> {
        let sql = "SELECT day, since FROM offline_days WHERE device = $1";
        let statement = Statement::from_sql_and_values(self.backend(), sql, [device.uuid().into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let day = |row: &QueryResult| {
            let day: String = cell(row, "day")?;
            Ok((
                day.parse().map_err(|_| corrupt("offline_days", device))?,
                cell(row, "since")?,
            ))
        };
        rows.iter().map(day).collect()
    }

    async fn take(
        &mut self,
        device: StationDeviceId,
        day: NaiveDate,
        scans: u32,
        fen: Fen,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE offline_days SET scans = scans + $3, fen = fen + $4 \
             WHERE device = $1 AND day = $2 AND scans + $3 <= max_scans AND fen + $4 <= max_fen";
        Ok(self.run(sql, cost(device, day, scans, fen)).await? > 0)
    }

    async fn give_back(
        &mut self,
        device: StationDeviceId,
        day: NaiveDate,
        scans: u32,
        fen: Fen,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE offline_days SET scans = scans - $3, fen = fen - $4 WHERE device = $1 AND day = $2";
        self.run(sql, cost(device, day, scans, fen)).await?;
        Ok(())
    }

    async fn refused_live(
        &mut self,
        device: &StationDevice,
        scan_ids: &[String],
        since: DateTime<Utc>,
    ) -> Result<Vec<(String, Refusal)>, StoreError> {
        let sql = "SELECT r.scan_id, r.reason FROM {rows} CROSS JOIN refused_scans r \
             WHERE r.station_id = $1 AND r.at >= $2 AND r.device_id = $3 AND r.scan_id = t.scan_id";
        let values = [
            device.station_id.uuid().into(),
            since.into(),
            device.device_id.as_str().into(),
        ];
        let rows = Rows::default().texts("scan_id", scan_ids.to_vec());
        let refusal = |row: &QueryResult| {
            let (scan_id, reason): (String, String) = (cell(row, "scan_id")?, cell(row, "reason")?);
            let refusal = serde_json::from_value(reason.into())
                .map_err(|_| corrupt("refused_scans", &scan_id))?;
            Ok((scan_id, refusal))
        };
        self.query_rows(sql, values, rows)
            .await?
            .iter()
            .map(refusal)
            .collect()
    }
}

fn cost(device: StationDeviceId, day: NaiveDate, scans: u32, fen: Fen) -> [Value; 4] {
    [
        device.uuid().into(),
        day.to_string().into(),
        i64::from(scans).into(),
        fen.get().into(),
    ]
}
