//! PostObject: fields in order, the signature over the policy's base64 text, the policy itself.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};

use super::{answers::OssFault, policy::Policy, v1, v4, verify::Account};

/// Judges a form: its fields before the file, then the size of the file.
pub fn verify_form(
    fields: &[(String, String)],
    bucket: &str,
    file_bytes: usize,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), OssFault> {
    if fields.iter().any(|(_, value)| value.len() > 4_096) {
        return Err(OssFault::new(
            400,
            "FieldItemTooLong",
            "Your form field is too long.",
        ));
    }
    let text = find(fields, "policy")
        .ok_or_else(|| OssFault::denied("Anonymous PostObject is not allowed."))?;
    verify_signature(fields, text, account)?;
    let document = STANDARD
        .decode(text)
        .map_err(|_| OssFault::new(400, "InvalidPolicyDocument", "Not base64."))?;
    let policy = Policy::parse(&document, now)?;
    policy.check_fields(|name| {
        if name == "bucket" {
            Some(bucket)
        } else {
            find(fields, name)
        }
    })?;
    policy.check_size(file_bytes)
}

fn verify_signature(
    fields: &[(String, String)],
    policy: &str,
    account: &Account,
) -> Result<(), OssFault> {
    let required = |name: &str| {
        find(fields, name).ok_or_else(|| {
            OssFault::invalid(format!("Bucket POST must contain the field '{name}'."))
        })
    };
    account.check_token(find(fields, "x-oss-security-token"))?;
    let right = if find(fields, "x-oss-signature-version").is_some() {
        let date = required("x-oss-date")?;
        v4::instant(date)?;
        v4::scope(required("x-oss-credential")?, date, account)?;
        required("x-oss-signature")? == v4::sign(account, date, policy)
    } else {
        account.check_id(required("OSSAccessKeyId")?)?;
        required("Signature")? == v1::sign(&account.access_key_secret, policy)
    };
    if right {
        Ok(())
    } else {
        Err(OssFault::mismatch(policy))
    }
}

/// Field names are compared without regard to case.
pub(super) fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
