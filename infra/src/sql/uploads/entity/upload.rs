use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub purpose: String,
    pub content_type: String,
    pub token: String,
    pub created_at: DateTimeUtc,
    pub status: String,
    pub checking_since: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub refusal: Option<String>,
    /// The phone's own file is, or may be, still in the object store.
    pub original_kept: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
