use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "station_devices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub station_id: Uuid,
    pub device_id: String,
    pub slot: Option<i32>,
    pub state: String,
    pub enrolled_at: DateTimeUtc,
    pub enrolled_by: Uuid,
    pub revoked_at: Option<DateTimeUtc>,
    pub revoked_by: Option<Uuid>,
    pub revocation_reason: Option<String>,
    pub packed_through: Option<String>,
    pub unsynced_from: Option<String>,
    pub synced_through: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
