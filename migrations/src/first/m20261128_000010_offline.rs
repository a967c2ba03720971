//! Offline stations: their devices, what each may take on a day, what it uploaded, and what of that
//! is disputed. Ceilings are numbered slots and checked counters; a scan id is a primary key.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        closed_list(manager, "station_device_states", &["active", "revoked"]).await?;
        let disputes = ["open", "honoured", "rejected", "redeemed"];
        closed_list(manager, "disputed_scan_states", &disputes).await?;
        run(manager, DEVICES).await?;
        run(manager, UPLOADS).await
    }
}

const DEVICES: &[&str] = &[
    // `unsynced_from`: the first day that the device had a pack for and has not reported to its
    // end.
    "CREATE TABLE station_devices (
        id {uuid} PRIMARY KEY,
        station_id {uuid} NOT NULL REFERENCES stations (id),
        device_id TEXT NOT NULL,
        slot INTEGER CHECK (slot > 0),
        state TEXT NOT NULL REFERENCES station_device_states,
        enrolled_at {time} NOT NULL,
        enrolled_by {uuid} NOT NULL,
        revoked_at {time},
        revoked_by {uuid},
        revocation_reason TEXT,
        packed_through TEXT CHECK (length(packed_through) = 10),
        unsynced_from TEXT CHECK (length(unsynced_from) = 10),
        synced_through {time},
        CHECK ((state = 'active') = (slot IS NOT NULL)),
        CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX station_devices_name ON station_devices (station_id, device_id)",
    // The n-th active device of a station; n never exceeds the ceiling.
    "CREATE UNIQUE INDEX station_devices_slot ON station_devices (station_id, slot) WHERE slot IS NOT NULL",
    // What a device may take offline on one day, from the first pack of that day on.
    "CREATE TABLE offline_days (
        device {uuid} NOT NULL REFERENCES station_devices (id),
        day TEXT NOT NULL CHECK (length(day) = 10),
        since {time} NOT NULL,
        max_scans BIGINT NOT NULL,
        max_fen BIGINT NOT NULL,
        scans BIGINT NOT NULL DEFAULT 0 CHECK (scans BETWEEN 0 AND max_scans),
        fen BIGINT NOT NULL DEFAULT 0 CHECK (fen BETWEEN 0 AND max_fen),
        PRIMARY KEY (device, day)
    )",
];

const UPLOADS: &[&str] = &[
    // The first answer to each uploaded scan, kept for good.
    "CREATE TABLE offline_scans (
        device {uuid} NOT NULL REFERENCES station_devices (id),
        scan_id TEXT NOT NULL,
        uploaded_at {time} NOT NULL,
        answer {json},
        PRIMARY KEY (device, scan_id)
    )",
    // `voucher_id`, `batch_id` and `amount_fen` are what the code claims, where there is such a
    // voucher.
    "CREATE TABLE disputed_scans (
        id {uuid} PRIMARY KEY,
        device {uuid} NOT NULL REFERENCES station_devices (id),
        station_id {uuid} NOT NULL REFERENCES stations (id),
        scan_id TEXT NOT NULL,
        staff_id {uuid} NOT NULL,
        reason TEXT NOT NULL,
        scanned_at {time} NOT NULL,
        day TEXT NOT NULL CHECK (length(day) = 10),
        code TEXT NOT NULL,
        price_fen BIGINT CHECK (price_fen > 0),
        voucher_id {uuid},
        batch_id {uuid},
        amount_fen BIGINT CHECK (amount_fen > 0),
        uploaded_at {time} NOT NULL,
        due_at {time} NOT NULL,
        status TEXT NOT NULL REFERENCES disputed_scan_states,
        resolved_at {time},
        resolved_by {uuid},
        resolution_reason TEXT,
        redemption_id {uuid},
        CHECK ((voucher_id IS NULL) = (batch_id IS NULL)),
        CHECK ((voucher_id IS NULL) = (amount_fen IS NULL)),
        CHECK ((status = 'open') = (resolved_at IS NULL)),
        CHECK ((status = 'redeemed') = (redemption_id IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX disputed_scans_scan ON disputed_scans (device, scan_id)",
    "CREATE INDEX disputed_scans_station ON disputed_scans (station_id, id)",
    "CREATE INDEX disputed_scans_open ON disputed_scans (station_id, day) WHERE status = 'open'",
];
