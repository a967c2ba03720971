use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "redemption_suspensions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub redemption_id: Uuid,
    pub suspended_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub decision: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    pub decided_by: Option<Uuid>,
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
