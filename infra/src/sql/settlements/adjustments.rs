//! Adjustments. Unique indexes refuse a second one for the same cause.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{
        DistrictCode, Jurisdiction,
        id::{RedemptionId, StationId, VoucherBatchId},
        values::local_time,
    },
    settlements::{
        Adjustment, Cause, SettlementStatus, adjustments::adjustment::Adjustable,
        ports::AdjustmentRepository,
    },
    store::StoreError,
};
use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;

use crate::sql::db::{
    error::store_error,
    rows::{corrupt, parsed},
    store::SqlTx,
};

#[async_trait]
impl AdjustmentRepository for SqlTx {
    async fn add(&mut self, adjustment: &Adjustment) -> Result<bool, StoreError> {
        const INSERT: &str = "\
            INSERT INTO settlement_adjustments (id, station_id, batch_id, amount_fen, redemption_id, disputed_scan_id, \
              reason, made_by, made_by_person, made_at, day) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
        let (redemption, scan): (Option<Uuid>, Option<Uuid>) = match adjustment.cause {
            Cause::Redemption(id) => (Some(id.uuid()), None),
            Cause::DisputedScan(id) => (None, Some(id.uuid())),
        };
        let values: [Value; 11] = [
            adjustment.id.uuid().into(),
            adjustment.station_id.uuid().into(),
            adjustment.batch_id.uuid().into(),
            adjustment.amount_fen.into(),
            redemption.into(),
            scan.into(),
            adjustment.reason.as_str().into(),
            adjustment.made_by.account_id.uuid().into(),
            adjustment
                .made_by
                .person_id
                .map(|person| person.uuid())
                .into(),
            adjustment.made_at.into(),
            local_time::date_of(adjustment.made_at).to_string().into(),
        ];
        Ok(self.run(INSERT, values).await? > 0)
    }

    async fn adjustable(
        &mut self,
        id: RedemptionId,
        area: &Jurisdiction,
    ) -> Result<Option<Adjustable>, StoreError> {
        const FIND: &str = "\
            SELECT r.station_id, st.district, r.batch_id, r.amount_fen, v.face_value_fen, s.status \
            FROM redemptions r JOIN stations st ON st.id = r.station_id JOIN vouchers v ON v.id = r.voucher_id \
            LEFT JOIN settlements s ON s.id = r.settlement_id \
            WHERE r.id = $1 AND st.district BETWEEN $2 AND $3";
        let (first, last) = match area {
            Jurisdiction::Everywhere => ("0".to_owned(), "999999".to_owned()),
            Jurisdiction::District(district) => district.text_bounds(),
            // Stations belong to districts, not to unions.
            Jurisdiction::Union(_) => return Ok(None),
        };
        let rows = self
            .rows(FIND, [id.uuid().into(), first.into(), last.into()])
            .await?;
        rows.first().map(|row| adjustable(id, row)).transpose()
    }
}

fn adjustable(id: RedemptionId, row: &QueryResult) -> Result<Adjustable, StoreError> {
    let district: String = row.try_get("", "district").map_err(store_error)?;
    let district = parsed("stations", id.uuid(), DistrictCode::parse(&district))?;
    let status: Option<String> = row.try_get("", "status").map_err(store_error)?;
    let status =
        status.map(|word| SettlementStatus::parse(&word).ok_or_else(|| corrupt("settlements", id)));
    let is_approved = status.transpose()?.is_some_and(SettlementStatus::is_final);
    let read = || -> Result<Adjustable, DbErr> {
        Ok(Adjustable {
            station_id: StationId::from_uuid(row.try_get("", "station_id")?),
            district,
            batch_id: VoucherBatchId::from_uuid(row.try_get("", "batch_id")?),
            paid_fen: row.try_get("", "amount_fen")?,
            face_value_fen: row.try_get("", "face_value_fen")?,
            is_approved,
        })
    };
    read().map_err(store_error)
}
