//! The first set: every table as it was when the first release was tagged, one step per context.

use sea_orm_migration::MigrationTrait;

mod m20261128_000001_platform;
mod m20261128_000002_identity;
mod m20261128_000003_stations;
mod m20261128_000004_membership;
mod m20261128_000005_uploads;
mod m20261128_000006_wishes;
mod m20261128_000007_vouchers;
mod m20261128_000008_redemptions;
mod m20261128_000009_distributions;
mod m20261128_000010_offline;
mod m20261128_000011_settlements;
mod m20261128_000012_reconciliations;
mod m20261128_000013_checkups;
mod m20261128_000014_notices;

/// Oldest first.
pub fn steps() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261128_000001_platform::Migration),
        Box::new(m20261128_000002_identity::Migration),
        Box::new(m20261128_000003_stations::Migration),
        Box::new(m20261128_000004_membership::Migration),
        Box::new(m20261128_000005_uploads::Migration),
        Box::new(m20261128_000006_wishes::Migration),
        Box::new(m20261128_000007_vouchers::Migration),
        Box::new(m20261128_000008_redemptions::Migration),
        Box::new(m20261128_000009_distributions::Migration),
        Box::new(m20261128_000010_offline::Migration),
        Box::new(m20261128_000011_settlements::Migration),
        Box::new(m20261128_000012_reconciliations::Migration),
        Box::new(m20261128_000013_checkups::Migration),
        Box::new(m20261128_000014_notices::Migration),
    ]
}
