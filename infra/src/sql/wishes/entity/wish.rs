use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wishes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub person_id: Uuid,
    pub station_id: Uuid,
    pub district: String,
    pub title: String,
    pub story: String,
    pub category: String,
    pub estimate_fen: i64,
    pub photo_ids: Json,
    pub submitted_at: DateTimeUtc,
    pub version: i64,
    pub status: String,
    pub review_due_at: Option<DateTimeUtc>,
    pub machine_verdict: Option<String>,
    pub machine_label: Option<String>,
    pub reason: Option<String>,
    pub published_at: Option<DateTimeUtc>,
    pub claim_id: Option<Uuid>,
    pub arrived_at: Option<DateTimeUtc>,
    /// Sealed.
    pub pickup_code: Option<Vec<u8>>,
    pub pickup_wrong: i32,
    pub pickup_locked_until: Option<DateTimeUtc>,
    pub handed_over_at: Option<DateTimeUtc>,
    pub thanks_message: Option<String>,
    pub thanks_photo_ids: Option<Json>,
    pub thanks_face_consent: Option<bool>,
    pub thanks_passed: Option<bool>,
    pub thanked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
