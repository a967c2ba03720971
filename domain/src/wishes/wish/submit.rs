//! A worker wishes. The machine is asked first, outside the transaction; the wish, its verdict and
//! the first answer to the phone are then one commit. W2 is decided by the database.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Wish, WishState,
    content::{WishContent, WishForm},
    status::WishStatus,
};
use crate::{
    kernel::{
        Actor, Answer, IdempotentRequest, Invalid, Role,
        id::{AccountId, PersonId, UploadId, WishId},
        idempotency::{first_answer, remember},
    },
    stations::station::Station,
    store::{StoreError, Tx},
    tasks::open::due_of,
    wishes::{
        error::WishError,
        moderation::{
            review::WISH_REVIEW,
            text_check::{TextToCheck, TextVerdict},
        },
        news::News,
        service::WishService,
    },
};

/// Time between receiving something and wishing again (W2).
const COOLING_OFF: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WishReceipt {
    pub id: WishId,
    pub status: WishStatus,
}

impl WishReceipt {
    pub fn of(wish: &Wish) -> Self {
        Self {
            id: wish.id,
            status: wish.status(),
        }
    }
}

impl WishService {
    pub async fn submit(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        form: &WishForm,
    ) -> Result<Answer<WishReceipt>, WishError> {
        actor.require(Role::Worker)?;
        let content = WishContent::parse(form)?;
        let verdict = match self.worth_checking(actor, &content).await? {
            Some(text) => self.judge(&text).await,
            None => None,
        };
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) = first_answer::<_, WishError>(&mut *tx, request, now).await? {
            return Ok(first);
        }
        let person_id = person_in_standing(&mut *tx, actor).await?;
        let station = tx
            .stations()
            .find(form.station_id)
            .await?
            .ok_or_else(unknown_station)?;
        require_ready(&mut *tx, actor.account_id, "photoIds", &content.photo_ids).await?;
        let mut wish = self.new_wish(actor, person_id, &station, content, now);
        if let Some(verdict) = &verdict {
            let due_at = due_of(&mut *tx, WISH_REVIEW, now).await?;
            wish = wish.judged(verdict, due_at)?;
        }
        insert(&mut *tx, &wish, now).await?;
        self.open_review(&mut *tx, &wish, now).await?;
        self.announce(&mut *tx, actor, &wish, verdict.as_ref(), now)
            .await?;
        let answer = remember(&mut *tx, request, WishReceipt::of(&wish)).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Spares the machine when the answer will be no, or was given before. Only a hint: the
    /// transaction decides.
    async fn worth_checking(
        &self,
        actor: &Actor,
        content: &WishContent,
    ) -> Result<Option<TextToCheck>, WishError> {
        let mut tx = self.foundation.read().await?;
        let Ok(person_id) = person_in_standing(&mut *tx, actor).await else {
            return Ok(None);
        };
        if tx.wishes().has_live(person_id).await? {
            return Ok(None);
        }
        let openid = tx.accounts().openid_of(actor.account_id).await?;
        Ok(Some(content.to_check(openid)))
    }

    fn new_wish(
        &self,
        actor: &Actor,
        person_id: PersonId,
        station: &Station,
        content: WishContent,
        now: DateTime<Utc>,
    ) -> Wish {
        Wish {
            id: WishId::generate(now, self.foundation.random()),
            account_id: actor.account_id,
            person_id,
            station_id: station.id,
            district: station.district,
            content,
            submitted_at: now,
            state: WishState::Checking,
            version: 0,
        }
    }

    async fn announce(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        wish: &Wish,
        verdict: Option<&TextVerdict>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let detail = serde_json::json!({
            "status": wish.status(),
            "verdict": verdict.map(|verdict| verdict.verdict),
            "label": verdict.map(|verdict| &verdict.label),
            "trace": verdict.and_then(|verdict| verdict.trace_id.as_deref()),
        });
        self.record(tx, actor, wish, "wish.submitted", detail, now)
            .await?;
        if let WishState::Returned { reason } = &wish.state {
            self.tell(tx, wish.account_id, wish, News::Returned { reason }, now)
                .await?;
        }
        Ok(())
    }
}

/// Standing is read live, in the transaction that rests on it (M9).
async fn person_in_standing(tx: &mut dyn Tx, actor: &Actor) -> Result<PersonId, WishError> {
    let person_id = actor.person_id.ok_or(WishError::StandingInsufficient)?;
    let standing = tx.memberships().standing_of(person_id).await?;
    standing
        .map(|_| person_id)
        .ok_or(WishError::StandingInsufficient)
}

/// The insert comes first: it waits for a handover that is just being committed, so the cooling-off
/// that follows cannot miss it.
async fn insert(tx: &mut dyn Tx, wish: &Wish, now: DateTime<Utc>) -> Result<(), WishError> {
    if !tx.wishes().insert(wish).await? {
        return Err(WishError::LiveWishExists);
    }
    let until = tx
        .wishes()
        .last_handover(wish.person_id)
        .await?
        .map(|at| at + COOLING_OFF);
    match until {
        Some(until) if now < until => Err(WishError::CoolingOff { until }),
        _ => Ok(()),
    }
}

/// Photos must be the caller's own and have passed their checks.
pub(crate) async fn require_ready(
    tx: &mut dyn Tx,
    owner: AccountId,
    field: &str,
    ids: &[UploadId],
) -> Result<(), WishError> {
    if ids.is_empty() || tx.uploads().ready_of(owner, ids).await?.len() == ids.len() {
        return Ok(());
    }
    Err(Invalid::field(
        field,
        "photo_not_ready",
        "有照片尚未上传完成，请重新上传后提交",
    )
    .into())
}

fn unknown_station() -> WishError {
    Invalid::field("stationId", "station_unknown", "没有找到该驿站，请重新选择").into()
}
