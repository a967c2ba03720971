//! The donor says that the goods are on their way; from now on the claim cannot lapse (W6).

use serde::{Deserialize, Serialize};

use super::{
    claim::station_of,
    wish_claim::{ClaimStatus, Parcel, WishClaim},
};
use crate::{
    kernel::{
        AccessError, Actor, Invalid,
        id::{AccountId, WishClaimId, WishId},
        values::text,
    },
    store::Tx,
    wishes::{
        error::WishError,
        news::News,
        service::WishService,
        wish::{Wish, status::WishStatus},
    },
};

/// Where claim and wish stand after a step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimStep {
    pub id: WishClaimId,
    pub wish_id: WishId,
    pub status: ClaimStatus,
    pub wish_status: WishStatus,
}

impl ClaimStep {
    pub(crate) fn of(claim: &WishClaim, wish: &Wish) -> Self {
        Self {
            id: claim.id,
            wish_id: wish.id,
            status: claim.status(),
            wish_status: wish.status(),
        }
    }
}

impl Parcel {
    pub fn parse(carrier: Option<&str>, tracking_no: Option<&str>) -> Result<Self, Invalid> {
        Ok(Self {
            carrier: carrier
                .map(|text| text::line("carrier", text, 1, 30))
                .transpose()?,
            tracking_no: tracking_no
                .map(|text| text::line("trackingNo", text, 1, 40))
                .transpose()?,
        })
    }
}

impl WishService {
    pub async fn dispatch(
        &self,
        actor: &Actor,
        id: WishClaimId,
        parcel: Parcel,
    ) -> Result<ClaimStep, WishError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let (claim, wish) = own_claim(&mut *tx, id, actor.account_id).await?;
        let from = claim.status();
        let claim = claim.dispatch(parcel, now)?;
        let wish = wish.dispatch()?;
        self.save(&mut *tx, &wish).await?;
        self.save_claim(&mut *tx, &claim, from).await?;
        self.record(
            &mut *tx,
            actor,
            &wish,
            "wish.dispatched",
            serde_json::json!({ "claim": id }),
            now,
        )
        .await?;
        let station = station_of(&mut *tx, &wish).await?;
        self.tell(
            &mut *tx,
            wish.account_id,
            &wish,
            News::Dispatched {
                station: &station.name,
            },
            now,
        )
        .await?;
        self.commit_public(tx).await?;
        Ok(ClaimStep::of(&claim, &wish))
    }
}

/// A donor's own claim and its wish.
pub(crate) async fn own_claim(
    tx: &mut dyn Tx,
    id: WishClaimId,
    donor: AccountId,
) -> Result<(WishClaim, Wish), WishError> {
    let claim = tx
        .wish_claims()
        .find_of(id, donor)
        .await?
        .ok_or(AccessError::NotFound)?;
    let wish = tx
        .wishes()
        .find(claim.wish_id)
        .await?
        .ok_or(AccessError::NotFound)?;
    Ok((claim, wish))
}
