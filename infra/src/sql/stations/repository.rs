//! Stations. The unique index (district, name) decides about twins.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{
        DistrictCode, Place,
        id::{AccountId, StationId},
    },
    stations::{StationReport, ports::StationRepository, station::Station},
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait,
    Statement, sea_query::OnConflict,
};

use super::entity::{
    station::{ActiveModel, Column, Entity, Model},
    station_report,
};
use crate::sql::db::{
    bulk::{Rows, models},
    error::store_error,
    rows::parsed,
    store::SqlTx,
};

const TABLE: &str = "stations";

#[async_trait]
impl StationRepository for SqlTx {
    async fn add(&mut self, station: &Station) -> Result<bool, StoreError> {
        let json = |value: serde_json::Result<_>| {
            value.map_err(|error| StoreError::Failed(Box::new(error)))
        };
        let row = ActiveModel {
            id: Set(station.id.uuid()),
            name: Set(station.name.clone()),
            district: Set(station.district.to_string()),
            address: Set(station.address.clone()),
            lng: Set(station.place.lng()),
            lat: Set(station.place.lat()),
            hours: Set(json(serde_json::to_value(&station.hours))?),
            amenities: Set(json(serde_json::to_value(&station.amenities))?),
        };
        let keep_first = OnConflict::columns([Column::District, Column::Name])
            .do_nothing()
            .to_owned();
        let inserted = Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn find(&mut self, id: StationId) -> Result<Option<Station>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(station).transpose()
    }

    async fn find_many(&mut self, ids: &[StationId]) -> Result<Vec<Station>, StoreError> {
        let sql = "SELECT s.* FROM stations s WHERE s.id IN (SELECT id FROM {rows})";
        let rows = self
            .query_rows(
                sql,
                [],
                Rows::default().uuids("id", ids.iter().map(|id| id.uuid())),
            )
            .await?;
        models(&rows)?.into_iter().map(station).collect()
    }

    async fn list_within(
        &mut self,
        district: Option<DistrictCode>,
    ) -> Result<Vec<Station>, StoreError> {
        let query = Entity::find().apply_if(district, |query, district| {
            let (first, last) = district.text_bounds();
            query.filter(Column::District.between(first, last))
        });
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(station)
            .collect()
    }

    async fn add_report(&mut self, report: &StationReport) -> Result<(), StoreError> {
        let row = station_report::ActiveModel {
            id: Set(report.id.uuid()),
            station_id: Set(report.station_id.uuid()),
            account_id: Set(report.account_id.uuid()),
            kind: Set(report.kind.code().to_owned()),
            note: Set(report.note.clone()),
            at: Set(report.at),
        };
        station_report::Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn staff_of(&mut self, id: StationId) -> Result<Vec<AccountId>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT account_id FROM account_grants WHERE role = 'station_staff' AND station_id = $1",
            [id.uuid().into()],
        );
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| {
                row.try_get("", "account_id")
                    .map(AccountId::from_uuid)
                    .map_err(store_error)
            })
            .collect()
    }
}

fn station(row: Model) -> Result<Station, StoreError> {
    let id = row.id;
    Ok(Station {
        id: StationId::from_uuid(id),
        district: parsed(TABLE, id, DistrictCode::parse(&row.district))?,
        place: parsed(TABLE, id, Place::new(row.lng, row.lat))?,
        hours: parsed(TABLE, id, serde_json::from_value(row.hours))?,
        amenities: parsed(TABLE, id, serde_json::from_value(row.amenities))?,
        name: row.name,
        address: row.address,
    })
}
