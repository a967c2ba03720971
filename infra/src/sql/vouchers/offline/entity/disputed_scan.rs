use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "disputed_scans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub device: Uuid,
    pub station_id: Uuid,
    pub scan_id: String,
    pub staff_id: Uuid,
    pub reason: String,
    pub scanned_at: DateTimeUtc,
    pub day: String,
    pub code: String,
    pub price_fen: Option<i64>,
    pub voucher_id: Option<Uuid>,
    pub batch_id: Option<Uuid>,
    pub amount_fen: Option<i64>,
    pub uploaded_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub status: String,
    pub resolved_at: Option<DateTimeUtc>,
    pub resolved_by: Option<Uuid>,
    pub resolution_reason: Option<String>,
    pub redemption_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
