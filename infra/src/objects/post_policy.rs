//! The other side of the form, for the local store: judges what a phone posted by the policy in it.
//! Understands exactly what [`super::post_form`] writes, and refuses everything else.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use niangjia_domain::uploads::{ObjectKey, objects::ObjectError};
use serde::Deserialize;

/// Most fields before the file, and most bytes of each (as OSS has it).
pub(super) const MAX_FIELDS: usize = 20;
const MAX_FIELD_BYTES: usize = 4_096;

/// Why a posted form is refused; the names are OSS's own.
#[derive(Debug, thiserror::Error)]
pub enum FormFault {
    /// Fields missing, doubled or too long, the file not last, or no policy that could be read.
    #[error("the form is malformed: {0}")]
    Malformed(&'static str),
    #[error("the signature does not match")]
    SignatureDoesNotMatch,
    #[error("the policy has expired")]
    PolicyExpired,
    #[error("a policy condition failed on {0}")]
    PolicyConditionFailed(String),
    #[error("the file is too small")]
    EntityTooSmall,
    #[error("the file is too large")]
    EntityTooLarge,
    /// The form was used before.
    #[error("the object exists")]
    FileAlreadyExists,
    #[error(transparent)]
    Objects(#[from] ObjectError),
}

/// What an accepted form lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub key: ObjectKey,
    pub min_bytes: u64,
    pub max_bytes: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    expiration: DateTime<Utc>,
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Condition {
    Size(String, u64, u64),
    Field(String, String, String),
}

/// The fields of one posted form, names in lower case as policies have them.
pub(super) struct PostedFields<'a>(Vec<(String, &'a str)>);

impl<'a> PostedFields<'a> {
    pub(super) fn new(fields: &'a [(String, String)]) -> Result<Self, FormFault> {
        if fields.len() > MAX_FIELDS {
            return Err(FormFault::Malformed("too many fields"));
        }
        let mut seen = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let name = name.to_ascii_lowercase();
            if value.len() > MAX_FIELD_BYTES {
                return Err(FormFault::Malformed("a field is too long"));
            }
            if seen.iter().any(|(other, _)| *other == name) {
                return Err(FormFault::Malformed("a field comes twice"));
            }
            seen.push((name, value.as_str()));
        }
        Ok(Self(seen))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    /// Judges the fields by a policy whose signature has been verified.
    pub(super) fn judge(&self, policy: &str, now: DateTime<Utc>) -> Result<Admission, FormFault> {
        let unreadable = FormFault::Malformed("the policy cannot be read");
        let Ok(text) = STANDARD.decode(policy) else {
            return Err(unreadable);
        };
        let Ok(document) = serde_json::from_slice::<Document>(&text) else {
            return Err(unreadable);
        };
        if now >= document.expiration {
            return Err(FormFault::PolicyExpired);
        }
        let mut size = None;
        for condition in &document.conditions {
            match condition {
                Condition::Size(operator, min, max) if operator == "content-length-range" => {
                    size = Some((*min, *max))
                }
                Condition::Field(operator, field, value) if operator == "eq" => {
                    self.equal(field, value)?
                }
                Condition::Size(..) | Condition::Field(..) => return Err(unreadable),
            }
        }
        let (min_bytes, max_bytes) = size.ok_or(unreadable)?;
        let key = self.get("key").and_then(|key| ObjectKey::parse(key).ok());
        let key = key.ok_or_else(|| FormFault::PolicyConditionFailed("key".to_owned()))?;
        Ok(Admission {
            key,
            min_bytes,
            max_bytes,
        })
    }

    fn equal(&self, field: &str, value: &str) -> Result<(), FormFault> {
        let name = field.trim_start_matches('$');
        if self.get(name) == Some(value) {
            Ok(())
        } else {
            Err(FormFault::PolicyConditionFailed(name.to_owned()))
        }
    }
}
