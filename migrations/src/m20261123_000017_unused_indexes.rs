//! Indexes that no query used and every claim or scan paid for: a person's slots are asked for
//! batch by batch, which the primary key answers; used steps stay for good.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unused = [
            "DROP INDEX voucher_slots_person",
            "DROP INDEX voucher_used_steps_step",
        ];
        run(manager, &unused).await
    }
}
