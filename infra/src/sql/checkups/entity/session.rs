use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "checkup_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub district: String,
    pub place: String,
    #[sea_orm(column_type = "Double")]
    pub lng: f64,
    #[sea_orm(column_type = "Double")]
    pub lat: f64,
    pub held_on: Date,
    pub vehicle: String,
    pub packages: Json,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
