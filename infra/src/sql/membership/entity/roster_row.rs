use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "roster_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub union_id: Uuid,
    /// Sealed.
    pub phone: Vec<u8>,
    pub phone_index: Vec<u8>,
    /// Sealed.
    pub name: Vec<u8>,
    /// Sealed.
    pub id_number: Vec<u8>,
    pub id_number_index: Vec<u8>,
    pub occupation: String,
    pub imported_at: DateTimeUtc,
    pub membership_id: Option<Uuid>,
    pub consumed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
