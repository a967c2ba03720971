use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub subject: String,
    pub district: String,
    pub union_id: Option<Uuid>,
    pub place: String,
    pub needs_second_person: bool,
    pub opened_at: DateTimeUtc,
    pub remind_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub assignee_id: Option<Uuid>,
    pub reminded_at: Option<DateTimeUtc>,
    pub escalated_at: Option<DateTimeUtc>,
    pub state: String,
    pub first_by: Option<Uuid>,
    pub first_person: Option<Uuid>,
    pub first_at: Option<DateTimeUtc>,
    pub decided_by: Option<Uuid>,
    pub decided_person: Option<Uuid>,
    pub outcome: Option<String>,
    pub on_time: Option<bool>,
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
