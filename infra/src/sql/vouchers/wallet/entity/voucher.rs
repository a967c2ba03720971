use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "vouchers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub batch_id: Uuid,
    pub person_id: Uuid,
    pub account_id: Uuid,
    pub face_value_fen: i64,
    pub issued_at: DateTimeUtc,
    pub valid_from: DateTimeUtc,
    pub valid_to: DateTimeUtc,
    pub state: String,
    pub redemptions: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
