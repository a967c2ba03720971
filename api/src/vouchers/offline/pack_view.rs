//! Scan packs on the wire.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use niangjia_domain::vouchers::offline::SignedPage;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::http::extract::Paging;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PackQuery {
    /// The scanner's own name for itself.
    #[param(example = "scanner-1")]
    pub device_id: Option<String>,
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
    pub fn new(page: SignedPage, public_key: &[u8; 32]) -> Self {
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
