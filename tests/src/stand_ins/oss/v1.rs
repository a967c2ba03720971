//! Signature V1: HMAC-SHA1 over method, MD5, type, date, `x-oss-*` headers and the raw resource.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::{
    answers::OssFault,
    request::WireRequest,
    verify::{Account, check_skew, expired},
};

/// Query parameters that are part of the resource (oss2 2.19.1, `_subresource_key_set`); others are
/// not signed.
const SUBRESOURCES: [&str; 34] = [
    "acl",
    "append",
    "bucketInfo",
    "callback",
    "callback-var",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "lifecycle",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "referer",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "stat",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "x-oss-process",
];

pub(super) fn verify_header(
    request: &WireRequest,
    authorization: &str,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), OssFault> {
    let malformed = || OssFault::invalid("Authorization header is invalid.");
    let (id, signature) = authorization
        .strip_prefix("OSS ")
        .and_then(|rest| rest.split_once(':'))
        .ok_or_else(malformed)?;
    account.check_id(id)?;
    account.check_token(request.header("x-oss-security-token"))?;
    let date = request
        .header("x-oss-date")
        .or(request.header("date"))
        .unwrap_or_default();
    let signed_at = DateTime::parse_from_rfc2822(date)
        .map_err(|_| OssFault::denied("OSS authentication requires a valid Date."))?;
    check_skew(signed_at.with_timezone(&Utc), now)?;
    compare(signature, &string_to_sign(request, date), account)
}

pub(super) fn verify_url(
    request: &WireRequest,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), OssFault> {
    account.check_id(request.param("OSSAccessKeyId").unwrap_or_default())?;
    account.check_token(request.param("security-token"))?;
    let expires = request.param("Expires").unwrap_or_default();
    let until: i64 = expires
        .parse()
        .map_err(|_| OssFault::invalid("Invalid Expires."))?;
    if now.timestamp() > until {
        return Err(expired());
    }
    compare(
        request.param("Signature").unwrap_or_default(),
        &string_to_sign(request, expires),
        account,
    )
}

fn string_to_sign(request: &WireRequest, date: &str) -> String {
    let headers: String = request
        .oss_headers()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let md5 = request.header("content-md5").unwrap_or_default();
    let kind = request.header("content-type").unwrap_or_default();
    format!(
        "{}\n{md5}\n{kind}\n{date}\n{headers}{}",
        request.method,
        resource(request)
    )
}

fn resource(request: &WireRequest) -> String {
    let mut signed: Vec<_> = request
        .query
        .iter()
        .filter(|(name, _)| SUBRESOURCES.contains(&name.as_str()))
        .cloned()
        .collect();
    signed.sort();
    let pairs: Vec<_> = signed
        .iter()
        .map(|(k, v)| {
            if v.is_empty() {
                k.clone()
            } else {
                format!("{k}={v}")
            }
        })
        .collect();
    let question = if pairs.is_empty() { "" } else { "?" };
    let bucket = if request.bucket.is_empty() {
        String::new()
    } else {
        format!("{}/", request.bucket)
    };
    format!("/{bucket}{}{question}{}", request.key, pairs.join("&"))
}

fn compare(signature: &str, text: &str, account: &Account) -> Result<(), OssFault> {
    if signature == sign(&account.access_key_secret, text) {
        Ok(())
    } else {
        Err(OssFault::mismatch(text))
    }
}

pub(super) fn sign(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
