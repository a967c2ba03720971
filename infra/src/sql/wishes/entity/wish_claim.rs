use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wish_claims")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub wish_id: Uuid,
    pub donor_id: Uuid,
    /// One of the donor's numbered places.
    pub donor_place: i32,
    pub display_name: Option<String>,
    pub claimed_at: DateTimeUtc,
    pub lapses_at: DateTimeUtc,
    pub reminded_at: Option<DateTimeUtc>,
    pub status: String,
    pub dispatched_at: Option<DateTimeUtc>,
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
    pub ended_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
