use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suspension_signals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub redemption_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub signal: String,
    pub evidence: Json,
    pub noticed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
