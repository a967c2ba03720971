//! Station staff hand the parcel to whoever says the pick-up code (W7). A wrong code is an answer
//! too: it is counted, remembered and committed, so that repeating or racing guesses gains nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest,
        id::WishId,
        idempotency::{first_answer, remember},
    },
    store::{StoreError, Tx},
    wishes::{
        claims::wish_claim::WishClaim,
        error::WishError,
        news::News,
        service::WishService,
        wish::{Handover, Wish, submit::WishReceipt},
    },
};

/// What is remembered under the request's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
enum Outcome {
    Done(WishReceipt),
    WrongCode { attempts_left: u8 },
}

impl WishService {
    pub async fn hand_over(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        id: WishId,
        code: &str,
    ) -> Result<Answer<WishReceipt>, WishError> {
        let stations = actor.require_staff()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) = first_answer::<_, WishError>(&mut *tx, request, now).await? {
            return told(first);
        }
        let wish = tx
            .wishes()
            .find_at(id, &stations)
            .await?
            .ok_or(AccessError::NotFound)?;
        let claim = claim_of(&mut *tx, &wish).await?;
        refuse_donor(&mut *tx, actor, claim.as_ref()).await?;
        let outcome = match wish.hand_over(code, now)? {
            Handover::Done(wish) => self.complete(&mut *tx, actor, wish, claim, now).await?,
            Handover::WrongCode { wish, left } => {
                self.count_wrong(&mut *tx, actor, &wish, left, now).await?
            }
            Handover::Locked { until } => return Err(locked(until, now)),
        };
        let answer = remember(&mut *tx, request, outcome).await?;
        self.commit_public(tx).await?;
        told(answer)
    }

    async fn complete(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        wish: Wish,
        claim: Option<WishClaim>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, WishError> {
        let claim = claim.ok_or_else(|| StoreError::Corrupt {
            table: "wishes",
            id: wish.id.to_string(),
        })?;
        let from = claim.status();
        let claim = claim.fulfil(now)?;
        self.save(tx, &wish).await?;
        self.save_claim(tx, &claim, from).await?;
        self.record(
            tx,
            actor,
            &wish,
            "wish.handed_over",
            serde_json::json!({ "claim": claim.id }),
            now,
        )
        .await?;
        self.tell(tx, wish.account_id, &wish, News::HandedOver, now)
            .await?;
        self.tell(tx, claim.donor_id, &wish, News::HandedOverForDonor, now)
            .await?;
        Ok(Outcome::Done(WishReceipt {
            id: wish.id,
            status: wish.status(),
        }))
    }

    async fn count_wrong(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        wish: &Wish,
        attempts_left: u8,
        now: DateTime<Utc>,
    ) -> Result<Outcome, WishError> {
        self.save(tx, wish).await?;
        let detail = serde_json::json!({ "attemptsLeft": attempts_left });
        self.record(tx, actor, wish, "wish.pickup_refused", detail, now)
            .await?;
        Ok(Outcome::WrongCode { attempts_left })
    }
}

async fn claim_of(tx: &mut dyn Tx, wish: &Wish) -> Result<Option<WishClaim>, StoreError> {
    match wish.taken() {
        Some(taken) => tx.wish_claims().find(taken.claim_id).await,
        None => Ok(None),
    }
}

/// Staff who gave the present themselves leave the handover to a colleague (W7).
async fn refuse_donor(
    tx: &mut dyn Tx,
    actor: &Actor,
    claim: Option<&WishClaim>,
) -> Result<(), WishError> {
    let Some(claim) = claim else { return Ok(()) };
    let same_account = claim.donor_id == actor.account_id;
    if same_account
        || (actor.person_id.is_some()
            && tx.accounts().person_of(claim.donor_id).await? == actor.person_id)
    {
        return Err(WishError::HandoverByDonor);
    }
    Ok(())
}

fn told(answer: Answer<Outcome>) -> Result<Answer<WishReceipt>, WishError> {
    match answer.value {
        Outcome::Done(receipt) => Ok(Answer {
            value: receipt,
            replayed: answer.replayed,
        }),
        Outcome::WrongCode { attempts_left } => Err(WishError::PickupCodeWrong { attempts_left }),
    }
}

fn locked(until: DateTime<Utc>, now: DateTime<Utc>) -> WishError {
    WishError::PickupCodeLocked {
        wait_s: u64::try_from((until - now).num_seconds()).unwrap_or_default() + 1,
    }
}
