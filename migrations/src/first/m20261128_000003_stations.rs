//! Worker stations and what workers report about them.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reports = ["found_shut", "wrong_place", "other"];
        closed_list(manager, "station_report_kinds", &reports).await?;
        run(
            manager,
            &[
                "CREATE TABLE stations (
                    id {uuid} PRIMARY KEY,
                    name TEXT NOT NULL,
                    district TEXT NOT NULL CHECK (length(district) = 6),
                    address TEXT NOT NULL,
                    lng {float} NOT NULL CHECK (lng BETWEEN -180 AND 180),
                    lat {float} NOT NULL CHECK (lat BETWEEN -90 AND 90),
                    hours {json} NOT NULL,
                    amenities {json} NOT NULL
                )",
                "CREATE UNIQUE INDEX stations_name ON stations (district, name)",
                "CREATE TABLE station_reports (
                    id {uuid} PRIMARY KEY,
                    station_id {uuid} NOT NULL REFERENCES stations (id),
                    account_id {uuid} NOT NULL,
                    kind TEXT NOT NULL REFERENCES station_report_kinds,
                    note TEXT,
                    at {time} NOT NULL
                )",
                "CREATE INDEX station_reports_station ON station_reports (station_id, at)",
            ],
        )
        .await
    }
}
