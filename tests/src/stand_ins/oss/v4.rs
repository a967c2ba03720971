//! Signature V4: HMAC-SHA256 over a canonical request, under a key for one day and region.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::{
    answers::OssFault,
    request::{WireRequest, encode},
    verify::{Account, check_skew, expired},
};

pub(super) const ALGORITHM: &str = "OSS4-HMAC-SHA256";
const PAYLOAD: &str = "UNSIGNED-PAYLOAD";

pub(super) fn verify_header(
    request: &WireRequest,
    authorization: &str,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), OssFault> {
    let malformed = || OssFault::invalid("Authorization header is invalid.");
    let rest = authorization
        .strip_prefix(ALGORITHM)
        .ok_or_else(malformed)?;
    let (mut credential, mut signature, mut additional) = (None, None, None);
    for part in rest.split(',') {
        match part.trim().split_once('=') {
            Some(("Credential", value)) => credential = Some(value),
            Some(("Signature", value)) => signature = Some(value),
            Some(("AdditionalHeaders", value)) if !value.is_empty() => additional = Some(value),
            _ => return Err(malformed()),
        }
    }
    if request.header("x-oss-content-sha256") != Some(PAYLOAD) {
        return Err(OssFault::invalid(
            "x-oss-content-sha256 is missing or invalid.",
        ));
    }
    account.check_token(request.header("x-oss-security-token"))?;
    let date = request
        .header("x-oss-date")
        .ok_or_else(|| OssFault::denied("x-oss-date is missing."))?;
    check_skew(instant(date)?, now)?;
    let scope = scope(credential.ok_or_else(malformed)?, date, account)?;
    let text = string_to_sign(request, additional, date, &scope);
    compare(signature.ok_or_else(malformed)?, &text, date, account)
}

pub(super) fn verify_url(
    request: &WireRequest,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), OssFault> {
    let param = |name: &str| {
        request
            .param(name)
            .ok_or_else(|| OssFault::invalid(format!("{name} is missing.")))
    };
    if param("x-oss-signature-version")? != ALGORITHM {
        return Err(OssFault::invalid("x-oss-signature-version is invalid."));
    }
    account.check_token(request.param("x-oss-security-token"))?;
    let date = param("x-oss-date")?;
    let signed_at = instant(date)?;
    let life: i64 = param("x-oss-expires")?.parse().unwrap_or_default();
    if !(1..=604_800).contains(&life) {
        return Err(OssFault::invalid("x-oss-expires is out of range."));
    }
    if now > signed_at + TimeDelta::seconds(life) {
        return Err(expired());
    }
    if signed_at > now {
        check_skew(signed_at, now)?;
    }
    let scope = scope(param("x-oss-credential")?, date, account)?;
    let additional = request.param("x-oss-additional-headers");
    if additional == Some("") {
        return Err(OssFault::invalid("x-oss-additional-headers is empty."));
    }
    compare(
        param("x-oss-signature")?,
        &string_to_sign(request, additional, date, &scope),
        date,
        account,
    )
}

pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, OssFault> {
    let parsed = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ");
    parsed
        .map(|time| time.and_utc())
        .map_err(|_| OssFault::denied("x-oss-date is invalid."))
}

/// `20260101/cn-hangzhou/oss/aliyun_v4_request`, when the credential is ours and of that day.
pub(super) fn scope(credential: &str, date: &str, account: &Account) -> Result<String, OssFault> {
    let (id, scope) = credential
        .split_once('/')
        .ok_or_else(|| OssFault::invalid("Credential is invalid."))?;
    account.check_id(id)?;
    let day = date.get(..8).unwrap_or_default();
    let expected = format!("{day}/{}/oss/aliyun_v4_request", account.region);
    if scope == expected {
        Ok(expected)
    } else {
        Err(OssFault::invalid("Credential scope is invalid."))
    }
}

fn string_to_sign(
    request: &WireRequest,
    additional: Option<&str>,
    date: &str,
    scope: &str,
) -> String {
    let canonical = canonical_request(request, additional.unwrap_or_default());
    format!(
        "{ALGORITHM}\n{date}\n{scope}\n{}",
        hex::encode(Sha256::digest(canonical))
    )
}

fn canonical_request(request: &WireRequest, additional: &str) -> String {
    let extra: BTreeSet<&str> = additional
        .split(';')
        .filter(|name| !name.is_empty())
        .collect();
    let is_signed = |name: &str| {
        matches!(name, "content-type" | "content-md5")
            || name.starts_with("x-oss-")
            || extra.contains(name)
    };
    let headers: String = request
        .headers
        .iter()
        .filter(|(name, _)| is_signed(name))
        .map(|(name, value)| format!("{name}:{}\n", value.trim()))
        .collect();
    let mut query: Vec<_> = request
        .query
        .iter()
        .filter(|(name, _)| name != "x-oss-signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    query.sort();
    let query: Vec<_> = query
        .iter()
        .map(|(k, v)| {
            if v.is_empty() {
                k.clone()
            } else {
                format!("{k}={v}")
            }
        })
        .collect();
    let path = format!("/{}/{}", request.bucket, request.key);
    let path: Vec<_> = path.split('/').map(encode).collect();
    let names: Vec<_> = extra.into_iter().collect();
    format!(
        "{}\n{}\n{}\n{headers}\n{}\n{PAYLOAD}",
        request.method,
        path.join("/"),
        query.join("&"),
        names.join(";")
    )
}

fn compare(signature: &str, text: &str, date: &str, account: &Account) -> Result<(), OssFault> {
    if signature == sign(account, date, text) {
        Ok(())
    } else {
        Err(OssFault::mismatch(text))
    }
}

/// Hexadecimal signature of `text` under the key of the date's day.
pub(super) fn sign(account: &Account, date: &str, text: &str) -> String {
    let secret = format!("aliyun_v4{}", account.access_key_secret).into_bytes();
    let parts = [
        &date[..8],
        &account.region,
        "oss",
        "aliyun_v4_request",
        text,
    ];
    hex::encode(parts.iter().fold(secret, |key, part| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key");
        mac.update(part.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }))
}
