//! One-tap joining. The phone number comes from WeChat, outside any transaction; everything else is
//! one transaction in which the database decides whether this person, this phone and this roster
//! row are still free.

use super::application::JoinForm;
use crate::{
    identity::wechat::WechatError,
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest, Invalid, Phone, Role,
        idempotency::{first_answer, remember},
    },
    membership::{MembershipService, error::MembershipError, view::MembershipView},
};

impl MembershipService {
    pub async fn join(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        form: JoinForm,
    ) -> Result<Answer<MembershipView>, MembershipError> {
        actor.require(Role::Worker)?;
        // A phone code works once, so a repeated request must be answered before the code is spent
        // again.
        if let Some(first) = self.answered_before(request).await? {
            return Ok(first);
        }
        let now = self.foundation.now();
        let application = form.check(now)?;
        let phone = self.phone_behind(actor, &form.phone_code).await?;

        let mut tx = self.foundation.begin().await?;
        if let Some(first) = first_answer::<_, MembershipError>(&mut *tx, request, now).await? {
            return Ok(first);
        }
        let view = self
            .admit(&mut *tx, actor, &application, phone, now)
            .await?;
        let answer = remember(&mut *tx, request, view).await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn answered_before(
        &self,
        request: &IdempotentRequest,
    ) -> Result<Option<Answer<MembershipView>>, MembershipError> {
        let mut tx = self.foundation.begin().await?;
        first_answer(&mut *tx, request, self.foundation.now()).await
    }

    async fn phone_behind(
        &self,
        actor: &Actor,
        phone_code: &str,
    ) -> Result<Phone, MembershipError> {
        let openid = self
            .foundation
            .read()
            .await?
            .accounts()
            .openid_of(actor.account_id)
            .await?;
        let openid = openid.ok_or(AccessError::Forbidden)?;
        self.wechat
            .phone_number(phone_code, &openid)
            .await
            .map_err(|error| match error {
                WechatError::CodeRefused => Invalid::field(
                    "phoneCode",
                    "phone_code_refused",
                    "手机号授权已失效，请重新点击按钮授权",
                )
                .into(),
                other => other.into(),
            })
    }
}
