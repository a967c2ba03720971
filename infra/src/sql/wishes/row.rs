//! A wish as a row, and back.

use niangjia_domain::{
    kernel::{
        DistrictCode, Fen,
        id::{AccountId, PersonId, StationId, WishId},
    },
    store::StoreError,
    wishes::wish::{Wish, content::WishContent},
};
use sea_orm::ActiveValue::Set;

use super::{
    entity::wish::{ActiveModel, Model},
    state::{self, TABLE},
};
use crate::{
    crypto::FieldCipher,
    sql::db::rows::{corrupt, parsed},
};

/// A row to insert.
pub(crate) fn new(wish: &Wish, cipher: &FieldCipher) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(wish.id.uuid()),
        account_id: Set(wish.account_id.uuid()),
        person_id: Set(wish.person_id.uuid()),
        station_id: Set(wish.station_id.uuid()),
        district: Set(wish.district.to_string()),
        title: Set(wish.content.title.clone()),
        story: Set(wish.content.story.clone()),
        category: Set(wish.content.category.clone()),
        estimate_fen: Set(wish.content.estimate.get()),
        photo_ids: Set(state::ids_json(&wish.content.photo_ids)),
        submitted_at: Set(wish.submitted_at),
        ..state::columns(wish, cipher)?
    })
}

pub(crate) fn wish(row: Model, cipher: &FieldCipher) -> Result<Wish, StoreError> {
    Ok(Wish {
        id: WishId::from_uuid(row.id),
        account_id: AccountId::from_uuid(row.account_id),
        person_id: PersonId::from_uuid(row.person_id),
        station_id: StationId::from_uuid(row.station_id),
        district: parsed(TABLE, row.id, DistrictCode::parse(&row.district))?,
        submitted_at: row.submitted_at,
        state: state::read(&row, cipher)?,
        version: row.version,
        content: WishContent {
            estimate: Fen::new(row.estimate_fen).ok_or_else(|| corrupt(TABLE, row.id))?,
            photo_ids: state::ids(row.id, row.photo_ids)?,
            title: row.title,
            story: row.story,
            category: row.category,
        },
    })
}
