//! One set of migrations for SQLite and PostgreSQL. Each file is one step; steps are never edited
//! once released.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

pub mod columns;
mod m20261122_000001_platform;
mod m20261122_000002_identity;
mod m20261122_000003_stations;
mod m20261122_000004_membership;
mod m20261122_000005_uploads;
mod m20261122_000006_wishes;
mod m20261122_000007_vouchers;
mod m20261122_000008_checkups;
mod m20261122_000009_notices;
mod m20261123_000011_releases;
mod m20261123_000012_offline;
mod m20261123_000013_settlements;
mod m20261123_000014_signals;
mod m20261123_000015_refused_scans;
mod m20261123_000016_escalations;
mod m20261123_000017_unused_indexes;
mod m20261128_000020_tasks;
mod m20261128_000021_jobs;
mod m20261128_000022_imports;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_platform::Migration),
            Box::new(m20261122_000002_identity::Migration),
            Box::new(m20261122_000003_stations::Migration),
            Box::new(m20261122_000004_membership::Migration),
            Box::new(m20261122_000005_uploads::Migration),
            Box::new(m20261122_000006_wishes::Migration),
            Box::new(m20261122_000007_vouchers::Migration),
            Box::new(m20261122_000008_checkups::Migration),
            Box::new(m20261122_000009_notices::Migration),
            Box::new(m20261123_000011_releases::Migration),
            Box::new(m20261123_000012_offline::Migration),
            Box::new(m20261123_000013_settlements::Migration),
            Box::new(m20261123_000014_signals::Migration),
            Box::new(m20261123_000015_refused_scans::Migration),
            Box::new(m20261123_000016_escalations::Migration),
            Box::new(m20261123_000017_unused_indexes::Migration),
            Box::new(m20261128_000020_tasks::Migration),
            Box::new(m20261128_000021_jobs::Migration),
            Box::new(m20261128_000022_imports::Migration),
        ]
    }
}
