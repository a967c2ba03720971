use sea_orm_migration::prelude::*;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::run(manager, &["CREATE TABLE unions (id {uuid} PRIMARY KEY, path TEXT NOT NULL, district TEXT NOT NULL)"]).await
    }
}
