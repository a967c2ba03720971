use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "voucher_batches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub district: String,
    pub state: String,
    pub rules: Json,
    pub valid_to: DateTimeUtc,
    pub drafted_by: Uuid,
    pub drafted_by_person: Option<Uuid>,
    pub submitted_by: Option<Uuid>,
    pub submitted_by_person: Option<Uuid>,
    pub decided_by: Option<Uuid>,
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
