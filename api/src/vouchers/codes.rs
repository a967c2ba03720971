//! What a phone shows at the station: a secret told once, from which it computes codes itself, or
//! the code of this moment.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind, values::local_time::rfc3339},
    vouchers::{CodeService, DeliveredSecret, ShownCode, codes::code::STEP_SECONDS},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeSecretRequestDto {
    /// The phone's own name for itself, 1 to 64 characters.
    device_id: String,
}

/// Told once. How codes are computed from it is described with the source
/// (`domain/src/vouchers/README.md`).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CodeSecret)]
pub struct CodeSecretDto {
    /// For the payload that stations with a network read; any of the two is good there.
    #[schema(example = "NJ1")]
    algorithm: &'static str,
    /// For the payload that stations without a network can check as well.
    #[schema(example = "NJ2")]
    offline_algorithm: &'static str,
    device_no: u16,
    /// 32 bytes, base64url without padding.
    secret: String,
    step_seconds: i64,
    /// So that a phone with a wrong clock can correct its steps.
    server_time: String,
}

impl From<DeliveredSecret> for CodeSecretDto {
    fn from(delivered: DeliveredSecret) -> Self {
        Self {
            algorithm: "NJ1",
            offline_algorithm: "NJ2",
            device_no: delivered.device_no,
            secret: delivered.secret.expose(),
            step_seconds: STEP_SECONDS,
            server_time: rfc3339(delivered.server_time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherCode)]
pub struct CodeDto {
    /// The QR code's text.
    payload: String,
    /// Eight digits for a dead camera.
    short_code: String,
    expires_at: String,
}

impl From<ShownCode> for CodeDto {
    fn from(code: ShownCode) -> Self {
        Self {
            payload: code.payload,
            short_code: code.short_code,
            expires_at: rfc3339(code.expires_at),
        }
    }
}

/// Tells this phone, once, the secret from which it computes codes offline; other phones' secrets
/// are retired.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = CodeSecretRequestDto,
    responses((status = 201, body = CodeSecretDto)), security(("bearer" = [])))]
#[post("/vouchers/{id}/code-secret")]
pub async fn deliver_code_secret(
    codes: web::Data<CodeService>,
    caller: Caller,
    id: IdPath<kind::Voucher>,
    body: Strict<CodeSecretRequestDto>,
) -> Result<HttpResponse, Problem> {
    let delivered = codes
        .deliver_secret(&caller.0, id.0, &body.0.device_id)
        .await?;
    Ok(reply::created(
        format!("/api/v1/vouchers/{}", id.0),
        Answer::fresh(CodeSecretDto::from(delivered)),
    ))
}

/// The code of this moment, for phones that prefer the server.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = CodeDto)),
    security(("bearer" = [])))]
#[get("/vouchers/{id}/code")]
pub async fn show_voucher_code(
    codes: web::Data<CodeService>,
    caller: Caller,
    id: IdPath<kind::Voucher>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(CodeDto::from(
        codes.show_code(&caller.0, id.0).await?,
    )))
}
