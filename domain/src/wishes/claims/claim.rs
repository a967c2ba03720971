//! A donor claims a wish. The database decides who was first: one conditional update takes the wish
//! (W1), one numbered place limits the donor (W8), and a partial unique index stands behind both.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::wish_claim::{ClaimStatus, Donor, WishClaim};
use crate::{
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest, Invalid, Role,
        id::{WishClaimId, WishId},
        idempotency::{first_answer, remember},
        values::text,
    },
    stations::station::Station,
    store::{StoreError, Tx},
    wishes::{
        error::WishError,
        moderation::text_check::{TextToCheck, Verdict},
        news::News,
        service::WishService,
        wall::views::StationCard,
        wish::{ClaimRefusal, Wish},
    },
};

#[derive(Debug, Clone, Default)]
pub struct ClaimForm {
    pub anonymous: bool,
    /// Shown to the worker, unless anonymous.
    pub display_name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimReceipt {
    pub id: WishClaimId,
    pub wish_id: WishId,
    pub status: ClaimStatus,
    pub lapses_at: DateTime<Utc>,
    /// Where the goods go.
    pub station: StationCard,
}

impl WishService {
    pub async fn claim(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        wish_id: WishId,
        form: &ClaimForm,
    ) -> Result<Answer<ClaimReceipt>, WishError> {
        actor.require(Role::Donor)?;
        let display_name = self.display_name(actor, form).await?;
        let now = self.foundation.now();
        let donor = Donor::of(actor);
        let id = WishClaimId::generate(now, self.foundation.random());
        let mut tx = self.foundation.begin().await?;
        if let Some(first) = first_answer::<_, WishError>(&mut *tx, request, now).await? {
            return Ok(first);
        }
        let Some(wish) = tx.wishes().take(wish_id, id, &donor).await? else {
            return Err(why_not(&mut *tx, wish_id, id, &donor).await?);
        };
        refuse_same_phone(&mut *tx, &wish, &donor).await?;
        let claim = WishClaim::open(id, wish_id, &donor, display_name, now);
        if !tx.wish_claims().insert(&claim).await? {
            return Err(WishError::ClaimLimit);
        }
        let station = station_of(&mut *tx, &wish).await?;
        self.announce_claim(&mut *tx, actor, &wish, &claim, &station)
            .await?;
        let receipt = ClaimReceipt {
            id,
            wish_id,
            status: claim.status(),
            lapses_at: claim.lapses_at,
            station: StationCard::from(station),
        };
        let answer = remember(&mut *tx, request, receipt).await?;
        self.commit_public(tx).await?;
        Ok(answer)
    }

    /// The worker sees a name only if the machine passed it; without a verdict the donor stays
    /// anonymous.
    async fn display_name(
        &self,
        actor: &Actor,
        form: &ClaimForm,
    ) -> Result<Option<String>, WishError> {
        let Some(name) = form.display_name.as_deref().filter(|_| !form.anonymous) else {
            return Ok(None);
        };
        let name = text::line("displayName", name, 1, 20)?;
        let openid = self
            .foundation
            .read()
            .await?
            .accounts()
            .openid_of(actor.account_id)
            .await?;
        let verdict = self
            .judge(&TextToCheck {
                openid,
                title: String::new(),
                content: name.clone(),
            })
            .await;
        match verdict.map(|verdict| verdict.verdict) {
            Some(Verdict::Pass) => Ok(Some(name)),
            Some(Verdict::Risky) => Err(Invalid::field(
                "displayName",
                "text_refused",
                "名称未通过安全检测，请修改或选择匿名",
            )
            .into()),
            Some(Verdict::Review) | None => Ok(None),
        }
    }

    async fn announce_claim(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        wish: &Wish,
        claim: &WishClaim,
        station: &Station,
    ) -> Result<(), StoreError> {
        let now = claim.claimed_at;
        self.record(
            tx,
            actor,
            wish,
            "wish.claimed",
            serde_json::json!({ "claim": claim.id }),
            now,
        )
        .await?;
        self.tell(tx, wish.account_id, wish, News::Claimed, now)
            .await?;
        let opened = News::ClaimOpened {
            station: &station.name,
            lapses_at: claim.lapses_at,
        };
        self.tell(tx, claim.donor_id, wish, opened, now).await
    }
}

/// Explains what the database has decided already.
async fn why_not(
    tx: &mut dyn Tx,
    id: WishId,
    claim: WishClaimId,
    donor: &Donor,
) -> Result<WishError, StoreError> {
    let wish = tx.wishes().find(id).await?;
    Ok(match wish.map(|wish| wish.claim(claim, donor)) {
        None | Some(Err(ClaimRefusal::Hidden)) => AccessError::NotFound.into(),
        Some(Err(ClaimRefusal::Own)) => WishError::OwnWish,
        // `Ok`: it was given back this very moment.
        Some(Err(ClaimRefusal::Taken) | Ok(_)) => WishError::AlreadyClaimed,
    })
}

/// A second account with the same phone is the same human (W8).
async fn refuse_same_phone(tx: &mut dyn Tx, wish: &Wish, donor: &Donor) -> Result<(), WishError> {
    let Some(phone) = tx.accounts().phone_of(donor.account_id).await? else {
        return Ok(());
    };
    if tx.accounts().phone_of(wish.account_id).await? == Some(phone) {
        Err(WishError::OwnWish)
    } else {
        Ok(())
    }
}

/// Stations are never deleted, so a wish without one is damage.
pub(crate) async fn station_of(tx: &mut dyn Tx, wish: &Wish) -> Result<Station, StoreError> {
    let station = tx.stations().find(wish.station_id).await?;
    station.ok_or_else(|| StoreError::Corrupt {
        table: "wishes",
        id: wish.id.to_string(),
    })
}
