use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "voucher_draw_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub batch_id: Uuid,
    pub person_id: Uuid,
    pub account_id: Uuid,
    pub entered_at: DateTimeUtc,
    pub draws_at: DateTimeUtc,
    pub lot: Option<Vec<u8>>,
    pub state: String,
    pub rank: Option<i64>,
    pub voucher_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
