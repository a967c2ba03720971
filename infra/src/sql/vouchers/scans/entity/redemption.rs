use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "redemptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub voucher_id: Uuid,
    pub sequence: i32,
    pub batch_id: Uuid,
    pub person_id: Uuid,
    pub station_id: Uuid,
    pub staff_id: Uuid,
    pub device_id: String,
    pub scan_id: String,
    pub day: String,
    pub meal: String,
    pub price_fen: i64,
    pub amount_fen: i64,
    pub copay_fen: i64,
    pub remainder_fen: i64,
    pub remainder_released_at: Option<DateTimeUtc>,
    pub scanned_at: DateTimeUtc,
    pub accepted_at: DateTimeUtc,
    pub state: String,
    pub annulled_at: Option<DateTimeUtc>,
    pub annulled_by: Option<Uuid>,
    pub annulment_reason: Option<String>,
    pub suspended: bool,
    pub price_typed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
