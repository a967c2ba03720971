use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub account_id: Uuid,
    /// Sealed.
    pub phone: Option<Vec<u8>>,
    pub phone_index: Option<Vec<u8>>,
    pub union_id: Uuid,
    pub routing: Json,
    pub occupation: String,
    pub platform: Option<String>,
    pub work_district: String,
    pub applied_at: DateTimeUtc,
    pub status: String,
    pub member_no: Option<String>,
    /// `YYYY-MM-DD`
    pub joined_on: Option<String>,
    pub due_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
