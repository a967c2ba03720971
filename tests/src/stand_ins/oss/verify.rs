//! Which kind of signature a request carries, and whether it is right.

use chrono::{DateTime, TimeDelta, Utc};

use super::{answers::OssFault, request::WireRequest, v1, v4};

/// The one account that the stand-in knows.
#[derive(Debug, Clone)]
pub struct Account {
    pub access_key_id: String,
    pub access_key_secret: String,
    /// A temporary credential's token; requests that carry one must carry this one.
    pub security_token: Option<String>,
    pub region: String,
}

/// How far a client's clock may be off.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(15);

/// Judges header signatures and pre-signed URLs of V1 and V4.
pub fn verify(
    request: &WireRequest,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), OssFault> {
    let in_query =
        request.param("x-oss-signature-version").is_some() || request.param("Signature").is_some();
    match request.header("authorization") {
        Some(_) if in_query => {
            Err(OssFault::invalid("Signature in both header and query").with_ec("0002-00000039"))
        }
        Some(text) if text.starts_with(v4::ALGORITHM) => {
            v4::verify_header(request, text, account, now)
        }
        Some(text) => v1::verify_header(request, text, account, now),
        None if request.param("x-oss-signature-version").is_some() => {
            v4::verify_url(request, account, now)
        }
        None if in_query => v1::verify_url(request, account, now),
        None => Err(OssFault::denied(
            "You have no right to access this object because of bucket acl.",
        )),
    }
}

impl Account {
    pub(super) fn check_id(&self, id: &str) -> Result<(), OssFault> {
        if id == self.access_key_id {
            Ok(())
        } else {
            Err(OssFault::new(
                403,
                "InvalidAccessKeyId",
                "The OSS Access Key Id you provided does not exist.",
            ))
        }
    }

    pub(super) fn check_token(&self, token: Option<&str>) -> Result<(), OssFault> {
        if token.is_none() || token == self.security_token.as_deref() {
            Ok(())
        } else {
            Err(OssFault::new(
                403,
                "InvalidSecurityToken",
                "The security token you provided is invalid.",
            ))
        }
    }
}

pub(super) fn check_skew(signed_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), OssFault> {
    if (now - signed_at).abs() <= SKEW {
        Ok(())
    } else {
        let message = "The difference between the request time and the current time is too large.";
        Err(OssFault::new(403, "RequestTimeTooSkewed", message))
    }
}

pub(super) fn expired() -> OssFault {
    OssFault::denied("Request has expired.").with_ec("0002-00000069")
}
