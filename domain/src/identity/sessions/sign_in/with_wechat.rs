//! Signing in with WeChat.

use super::{SignedIn, Visitor};
use crate::identity::{IdentityError, IdentityService, wechat::WechatError};

impl IdentityService {
    /// Trades a `wx.login` code; the first sign-in of an openid makes its account.
    pub async fn sign_in_with_wechat(
        &self,
        visitor: &Visitor,
        code: &str,
    ) -> Result<SignedIn, IdentityError> {
        self.throttle(
            "wechat-sign-in",
            &visitor.address.to_string(),
            self.limits.per_address,
        )
        .await?;
        let identity = self.wechat.sign_in(code).await.map_err(at_sign_in)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let account_id = self
            .wechat_account(&mut *tx, &identity.openid, None, &visitor.request_id)
            .await?;
        let (session, account) = self
            .open_session(&mut *tx, account_id, visitor, now)
            .await?;
        tx.commit().await?;
        Ok(self.hand_out(&session, account, now)?)
    }
}

/// A refused code means "not signed in" here; elsewhere it means "tap again".
fn at_sign_in(error: WechatError) -> IdentityError {
    match error {
        WechatError::CodeRefused => IdentityError::SignInCodeRefused,
        other => other.into(),
    }
}
