use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settlement_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub settlement_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i64,
    pub kind: String,
    pub subject_id: Uuid,
    pub batch_id: Uuid,
    pub voucher_id: Option<Uuid>,
    pub day: String,
    pub meal: String,
    pub at: DateTimeUtc,
    pub account_id: Uuid,
    pub late: bool,
    pub price_fen: i64,
    pub amount_fen: i64,
    pub copay_fen: i64,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
