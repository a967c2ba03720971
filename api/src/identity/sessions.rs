//! Signing in, refreshing, signing out. Whether the name or the password was wrong is not said.

use actix_web::{HttpResponse, delete, post, web};
use niangjia_domain::{
    identity::{IdentityService, PasswordSignIn, SignedIn},
    kernel::Answer,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{accounts::AccountDto, code, visitor};
use crate::http::{
    extract::{Caller, ClientIp, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WechatSignIn)]
pub struct WechatSignInDto {
    /// From `wx.login`; in the dev profile `dev:<any openid>`.
    #[schema(example = "dev:worker-1")]
    code: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordSignIn)]
pub struct PasswordSignInDto {
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Six digits, once a second factor is enrolled.
    totp: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Refresh)]
pub struct RefreshDto {
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionDto {
    access_token: String,
    /// Good for one refresh; a used one replayed after 30 s ends the session.
    refresh_token: String,
    /// Seconds until the access token expires.
    expires_in: i64,
    account: AccountDto,
}

impl From<SignedIn> for SessionDto {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose_secret().to_owned(),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            expires_in: signed_in.expires_in.num_seconds(),
            account: signed_in.account.into(),
        }
    }
}

/// Signs in with WeChat; the first time makes the account.
#[utoipa::path(tag = "identity", request_body = WechatSignInDto,
    responses((status = 201, body = SessionDto), (status = 401, description = "code refused")))]
#[post("/auth/wechat-sessions")]
pub async fn create_wechat_session(
    identity: web::Data<IdentityService>,
    ip: ClientIp,
    body: Strict<WechatSignInDto>,
) -> Result<HttpResponse, Problem> {
    let code = code("code", &body.0.code)?;
    Ok(opened(
        identity.sign_in_with_wechat(&visitor(ip), &code).await?,
    ))
}

/// Signs in to the back office.
#[utoipa::path(tag = "identity", request_body = PasswordSignInDto,
    responses((status = 201, body = SessionDto), (status = 401, description = "credentials refused, or second factor required")))]
#[post("/auth/password-sessions")]
pub async fn create_password_session(
    identity: web::Data<IdentityService>,
    ip: ClientIp,
    body: Strict<PasswordSignInDto>,
) -> Result<HttpResponse, Problem> {
    let PasswordSignInDto {
        username,
        password,
        totp,
    } = body.0;
    let attempt = PasswordSignIn {
        username,
        password,
        totp,
    };
    Ok(opened(
        identity
            .sign_in_with_password(&visitor(ip), attempt)
            .await?,
    ))
}

/// The next pair of tokens.
#[utoipa::path(tag = "identity", request_body = RefreshDto,
    responses((status = 201, body = SessionDto), (status = 401, description = "token refused")))]
#[post("/auth/refreshes")]
pub async fn refresh_session(
    identity: web::Data<IdentityService>,
    ip: ClientIp,
    body: Strict<RefreshDto>,
) -> Result<HttpResponse, Problem> {
    Ok(opened(
        identity
            .refresh(&visitor(ip), &body.0.refresh_token)
            .await?,
    ))
}

/// Signs out, at once and everywhere.
#[utoipa::path(tag = "identity", responses((status = 204)), security(("bearer" = [])))]
#[delete("/auth/session")]
pub async fn delete_session(
    identity: web::Data<IdentityService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    identity.sign_out(&caller.0).await?;
    Ok(reply::no_content())
}

fn opened(signed_in: SignedIn) -> HttpResponse {
    reply::created(
        "/api/v1/auth/session",
        Answer::fresh(SessionDto::from(signed_in)),
    )
}
