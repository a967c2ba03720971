//! One set of migrations for SQLite and PostgreSQL. Each file is one step; steps are never edited
//! once released.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

pub mod columns;
mod first;
mod m20261128_000020_tasks;
mod m20261128_000021_jobs;
mod m20261128_000022_imports;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut steps = first::steps();
        steps.push(Box::new(m20261128_000020_tasks::Migration));
        steps.push(Box::new(m20261128_000021_jobs::Migration));
        steps.push(Box::new(m20261128_000022_imports::Migration));
        steps
    }
}
