//! The trail as it is read back, and the chain over it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::kernel::id::{AccountId, AuditEntryId};

/// A line of the trail as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditLine {
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    pub account_id: Option<AccountId>,
    pub role: Option<String>,
    pub action: String,
    pub subject: String,
    /// A district's code, or another area's word.
    pub area: String,
    pub request_id: String,
    pub detail: Value,
    /// Place in the chain; `None` until sealed.
    pub sequence: Option<i64>,
}

/// The chain's head: export it, and a cut tail shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainHead {
    pub sequence: i64,
    pub hash: [u8; 32],
}

impl ChainHead {
    /// Before the first row.
    pub const GENESIS: Self = Self {
        sequence: 0,
        hash: [0; 32],
    };

    /// The head after one more line: SHA-256 over the former hash, the sequence and the line's
    /// content.
    pub fn after(&self, line: &AuditLine) -> Self {
        let sequence = self.sequence + 1;
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        hasher.update(sequence.to_be_bytes());
        for part in [
            line.id.to_string(),
            line.at.timestamp_micros().to_string(),
            line.account_id.map(|id| id.to_string()).unwrap_or_default(),
            line.role.clone().unwrap_or_default(),
            line.action.clone(),
            line.subject.clone(),
            line.area.clone(),
            line.request_id.clone(),
            canonical(&line.detail),
        ] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self {
            sequence,
            hash: hasher.finalize().into(),
        }
    }
}

/// JSON with sorted keys: each database keeps them in an order of its own.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, String> = map
                .iter()
                .map(|(key, value)| (key, canonical(value)))
                .collect();
            let fields: Vec<String> = sorted
                .iter()
                .map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(canonical).collect::<Vec<_>>().join(",")
        ),
        scalar => scalar.to_string(),
    }
}
