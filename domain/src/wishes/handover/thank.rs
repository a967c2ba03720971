//! The worker says thanks, with photos if they like. Shown only once the machine has passed the
//! words, and photos only with the worker's consent to be recognised (W10).

use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        AccessError, Actor, Invalid,
        id::{UploadId, WishId},
        values::text,
    },
    wishes::{
        error::WishError,
        moderation::text_check::{TextToCheck, Verdict},
        news::News,
        service::WishService,
        wish::{
            Thanks,
            content::{photos, published_text},
            submit::{WishReceipt, require_ready},
        },
    },
};

#[derive(Debug, Clone)]
pub struct ThanksForm {
    pub message: String,
    pub photo_ids: Vec<UploadId>,
    /// The photos may be shown although they may show the worker.
    pub face_consent: bool,
}

impl WishService {
    pub async fn thank(
        &self,
        actor: &Actor,
        id: WishId,
        form: &ThanksForm,
    ) -> Result<WishReceipt, WishError> {
        let thanks = self.checked_thanks(actor, id, form).await?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let wish = tx
            .wishes()
            .find_of(id, actor.account_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        require_ready(&mut *tx, actor.account_id, "photoIds", &thanks.photo_ids).await?;
        let wish = wish.thank(Thanks { at: now, ..thanks })?;
        self.save(&mut *tx, &wish).await?;
        self.record(
            &mut *tx,
            actor,
            &wish,
            "wish.thanked",
            serde_json::Value::Null,
            now,
        )
        .await?;
        let claim = match wish.taken() {
            Some(taken) => tx.wish_claims().find(taken.claim_id).await?,
            None => None,
        };
        if let Some(claim) = claim {
            self.tell(&mut *tx, claim.donor_id, &wish, News::Thanked, now)
                .await?;
        }
        self.commit_public(tx).await?;
        Ok(WishReceipt {
            id: wish.id,
            status: wish.status(),
        })
    }

    /// Asks the machine only about a wish that can be thanked for. Nothing is kept when it does not
    /// answer.
    async fn checked_thanks(
        &self,
        actor: &Actor,
        id: WishId,
        form: &ThanksForm,
    ) -> Result<Thanks, WishError> {
        let message = published_text(
            "message",
            text::paragraphs("message", &form.message, 1, 500),
        )?;
        let photo_ids = photos("photoIds", &form.photo_ids)?;
        let mut tx = self.foundation.read().await?;
        let wish = tx
            .wishes()
            .find_of(id, actor.account_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let openid = tx.accounts().openid_of(actor.account_id).await?;
        drop(tx);
        let thanks = Thanks {
            message,
            photo_ids,
            face_consent: form.face_consent,
            passed: false,
            at: DateTime::<Utc>::UNIX_EPOCH,
        };
        let wish = wish.thank(thanks.clone())?;
        let text = TextToCheck {
            openid,
            title: wish.content.title,
            content: thanks.message.clone(),
        };
        let verdict = self
            .judge(&text)
            .await
            .ok_or(WishError::TextCheckUnavailable)?;
        match verdict.verdict {
            Verdict::Risky => Err(Invalid::field(
                "message",
                "text_refused",
                "内容未通过安全检测，请修改后重新提交",
            )
            .into()),
            Verdict::Pass => Ok(Thanks {
                passed: true,
                ..thanks
            }),
            Verdict::Review => Ok(thanks),
        }
    }
}
