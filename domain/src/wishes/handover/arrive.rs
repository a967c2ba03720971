//! Station staff: the parcel is here. The worker finds the pick-up code at the wish, nobody
//! else does.

use super::pickup::PickupCode;
use crate::{
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest,
        id::WishClaimId,
        idempotency::{first_answer, remember},
    },
    store::{StoreError, Tx},
    wishes::{
        claims::{claim::station_of, dispatch::ClaimStep, wish_claim::WishClaim},
        error::WishError,
        news::News,
        service::WishService,
        wish::Wish,
    },
};

impl WishService {
    pub async fn arrive(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        id: WishClaimId,
    ) -> Result<Answer<ClaimStep>, WishError> {
        let stations = actor.require_staff()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) = first_answer::<_, WishError>(&mut *tx, request, now).await? {
            return Ok(first);
        }
        let claim = tx
            .wish_claims()
            .find(id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let wish = tx
            .wishes()
            .find_at(claim.wish_id, &stations)
            .await?
            .ok_or(AccessError::NotFound)?;
        let from = claim.status();
        let claim = claim.arrive(now)?;
        let code = PickupCode::draw(self.foundation.random());
        let wish = wish.arrive(code, now)?;
        self.save(&mut *tx, &wish).await?;
        self.save_claim(&mut *tx, &claim, from).await?;
        self.announce_arrival(&mut *tx, actor, &wish, &claim, now)
            .await?;
        let answer = remember(&mut *tx, request, ClaimStep::of(&claim, &wish)).await?;
        self.commit_public(tx).await?;
        Ok(answer)
    }

    async fn announce_arrival(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        wish: &Wish,
        claim: &WishClaim,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), StoreError> {
        self.record(
            tx,
            actor,
            wish,
            "wish.arrived",
            serde_json::json!({ "claim": claim.id }),
            now,
        )
        .await?;
        let station = station_of(tx, wish).await?;
        self.tell(
            tx,
            wish.account_id,
            wish,
            News::Arrived {
                station: &station.name,
            },
            now,
        )
        .await?;
        self.tell(
            tx,
            claim.donor_id,
            wish,
            News::ArrivedForDonor {
                station: &station.name,
            },
            now,
        )
        .await
    }
}
