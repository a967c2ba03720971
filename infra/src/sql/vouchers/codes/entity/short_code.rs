use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "voucher_short_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digits_index: Vec<u8>,
    pub voucher_id: Uuid,
    pub device_no: i32,
    pub step: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
