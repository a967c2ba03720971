//! The form before joining: lists to choose from, texts to agree to, and what a roster already
//! knows, masked.

use crate::{
    kernel::Actor,
    membership::{
        MembershipService,
        consents::consent::{ConsentPurpose, ConsentText},
        error::MembershipError,
        occupation::Occupation,
        unions::district::District,
        view::UnionRef,
    },
    store::{StoreError, Tx},
};

#[derive(Debug, Clone)]
pub struct MembershipForm {
    pub districts: Vec<District>,
    /// What joining needs a consent to.
    pub consents: Vec<ConsentText>,
    pub prefilled: Option<Prefilled>,
}

/// A roster row waits for the phone this account has verified: one tap will do.
#[derive(Debug, Clone)]
pub struct Prefilled {
    pub name_masked: String,
    pub id_number_masked: String,
    pub occupation: Occupation,
    pub union: UnionRef,
}

impl MembershipService {
    pub async fn form(&self, actor: &Actor) -> Result<MembershipForm, MembershipError> {
        let mut tx = self.foundation.read().await?;
        let districts = tx.unions().districts().await?;
        let prefilled = prefilled(&mut *tx, actor).await?;
        Ok(MembershipForm {
            districts: districts
                .into_iter()
                .filter(|district| !district.is_prefecture())
                .collect(),
            consents: vec![ConsentPurpose::Membership.text()],
            prefilled,
        })
    }
}

async fn prefilled(tx: &mut dyn Tx, actor: &Actor) -> Result<Option<Prefilled>, StoreError> {
    let Some(phone) = tx.accounts().phone_of(actor.account_id).await? else {
        return Ok(None);
    };
    let Some(row) = tx.rosters().waiting_for(&phone).await? else {
        return Ok(None);
    };
    let Some(union) = tx.unions().find(row.union_id).await? else {
        return Ok(None);
    };
    Ok(Some(Prefilled {
        name_masked: row.name_masked(),
        id_number_masked: row.id_number.masked(),
        occupation: row.occupation,
        union: (&union).into(),
    }))
}
