use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "voucher_draws")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch_id: Uuid,
    pub draw_at: DateTimeUtc,
    /// Sealed.
    pub seed: Vec<u8>,
    pub state: String,
    pub round: i64,
    pub entries: i64,
    pub ranked: i64,
    pub winners: i64,
    pub sold_out: bool,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
