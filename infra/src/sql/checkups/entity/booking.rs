use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "checkup_bookings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub session_id: Uuid,
    pub slot_id: Uuid,
    pub person_id: Uuid,
    pub account_id: Uuid,
    pub package: Option<String>,
    pub booked_at: DateTimeUtc,
    pub consent_version: String,
    pub consented_at: DateTimeUtc,
    pub eligibility_year: i32,
    pub eligibility_rule: String,
    pub state: String,
    pub checked_in_at: Option<DateTimeUtc>,
    pub checked_in_by: Option<Uuid>,
    pub completed_at: Option<DateTimeUtc>,
    pub cancelled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
