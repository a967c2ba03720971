use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub district: String,
    pub address: String,
    #[sea_orm(column_type = "Double")]
    pub lng: f64,
    #[sea_orm(column_type = "Double")]
    pub lat: f64,
    pub hours: Json,
    pub amenities: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
