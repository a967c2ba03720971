//! One's own account: looking at it, its phone, its second factor.

use actix_web::{HttpResponse, get, post, put, web};
use niangjia_domain::{
    identity::{Enrolment, IdentityService},
    kernel::Answer,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{accounts::AccountDto, code};
use crate::http::{
    extract::{Caller, Empty, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Phone)]
pub struct PhoneDto {
    /// From the phone-number button; in the dev profile `dev:<phone>`.
    #[schema(example = "dev:13800005678")]
    phone_code: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TotpEnrolment)]
pub struct EnrolmentDto {
    /// Base 32, for typing.
    secret: String,
    /// For scanning.
    otpauth_url: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TotpConfirmation)]
pub struct TotpConfirmationDto {
    #[schema(example = "287082")]
    code: String,
}

impl From<Enrolment> for EnrolmentDto {
    fn from(enrolment: Enrolment) -> Self {
        Self {
            secret: enrolment.secret.expose_secret().to_owned(),
            otpauth_url: enrolment.otpauth_url.expose_secret().to_owned(),
        }
    }
}

/// The signed-in account.
#[utoipa::path(tag = "identity", responses((status = 200, body = AccountDto)), security(("bearer" = [])))]
#[get("/me")]
pub async fn get_me(
    identity: web::Data<IdentityService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(AccountDto::from(identity.me(&caller.0).await?)))
}

/// Takes over the phone number that WeChat vouches for.
#[utoipa::path(tag = "identity", request_body = PhoneDto, responses((status = 200, body = AccountDto)), security(("bearer" = [])))]
#[put("/me/phone")]
pub async fn put_my_phone(
    identity: web::Data<IdentityService>,
    caller: Caller,
    body: Strict<PhoneDto>,
) -> Result<HttpResponse, Problem> {
    let code = code("phoneCode", &body.0.phone_code)?;
    Ok(reply::ok(AccountDto::from(
        identity.set_phone(&caller.0, &code).await?,
    )))
}

/// Starts enrolling a second factor; the secret is shown this once.
#[utoipa::path(tag = "identity", request_body = Empty, responses((status = 201, body = EnrolmentDto)), security(("bearer" = [])))]
#[post("/me/totp")]
pub async fn enrol_totp(
    identity: web::Data<IdentityService>,
    caller: Caller,
    _body: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    let enrolment = EnrolmentDto::from(identity.enrol_totp(&caller.0).await?);
    Ok(reply::created("/api/v1/me/totp", Answer::fresh(enrolment)))
}

/// Proves that an authenticator app has the secret; every later sign-in asks for a code.
#[utoipa::path(tag = "identity", request_body = TotpConfirmationDto, responses((status = 204)), security(("bearer" = [])))]
#[post("/me/totp/confirmation")]
pub async fn confirm_totp(
    identity: web::Data<IdentityService>,
    caller: Caller,
    body: Strict<TotpConfirmationDto>,
) -> Result<HttpResponse, Problem> {
    identity.confirm_totp(&caller.0, &body.0.code).await?;
    Ok(reply::no_content())
}
