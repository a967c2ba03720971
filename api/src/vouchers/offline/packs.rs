//! What a scanner takes along when the network goes, signed, and the key to check the signature
//! with.

use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use niangjia_domain::{
    kernel::id::{VoucherId, kind},
    vouchers::offline::{OfflineService, SignedPage},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PackQuery {
    /// The scanner's own name for itself.
    #[param(example = "scanner-1")]
    device_id: Option<String>,
}

/// One page. Its content is described with the source (`domain/src/vouchers/offline/README.md`).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScanPackPage)]
pub struct PackPageDto {
    /// JSON; the signature is over its UTF-8 bytes.
    document: String,
    /// Ed25519, base64url without padding.
    signature: String,
    /// Names the key of `GET /scan-pack-key`.
    key_id: String,
    /// Send back as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

impl PackPageDto {
    fn new(page: SignedPage, public_key: &[u8; 32]) -> Self {
        Self {
            document: page.document,
            signature: URL_SAFE_NO_PAD.encode(page.signature),
            key_id: key_id(public_key),
            next_cursor: page.next.map(|last| Paging::cursor(last.uuid())),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScanPackKey)]
pub struct PackKeyDto {
    #[schema(example = "Ed25519")]
    algorithm: &'static str,
    key_id: String,
    /// 32 bytes, base64url without padding.
    public_key: String,
}

impl From<[u8; 32]> for PackKeyDto {
    fn from(key: [u8; 32]) -> Self {
        Self {
            algorithm: "Ed25519",
            key_id: key_id(&key),
            public_key: URL_SAFE_NO_PAD.encode(key),
        }
    }
}

fn key_id(public_key: &[u8; 32]) -> String {
    hex::encode(&Sha256::digest(public_key)[..8])
}

/// A page of the signed pack by which an enrolled scanner of the caller's station verifies today's
/// codes alone. Only `cursor` pages; the pages' size is fixed.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path), PackQuery, ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PackPageDto)), security(("bearer" = [])))]
#[get("/stations/{id}/scan-pack")]
pub async fn get_scan_pack(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    query: web::Query<PackQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let after = page.0.after.map(VoucherId::from_uuid);
    // Without a name the field is refused, but only where the station is the caller's.
    let device = query.device_id.as_deref().unwrap_or_default();
    let page = offline.scan_pack(&caller.0, id.0, device, after).await?;
    Ok(reply::ok(PackPageDto::new(page, &offline.pack_key())))
}

/// The public key that scanners check packs with.
#[utoipa::path(tag = "vouchers", responses((status = 200, body = PackKeyDto)))]
#[get("/scan-pack-key")]
pub async fn get_scan_pack_key(
    request: HttpRequest,
    offline: web::Data<OfflineService>,
) -> Result<HttpResponse, Problem> {
    reply::cached(&request, &PackKeyDto::from(offline.pack_key()))
}
