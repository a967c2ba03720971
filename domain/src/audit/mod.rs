//! The audit trail (invariant A1): every state change and every unmasked view of personal data
//! leaves a row, in the same transaction. A sealer hash-chains rows seconds later, so the chain is
//! never a hot row.

pub mod review;
pub mod sealer;

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    kernel::{
        Backlog,
        actor::{Actor, Jurisdiction, Role},
        id::{AccountId, AuditEntryId},
        page::{Page, PageRequest},
        ports::random::Random,
        values::district::DistrictCode,
    },
    store::StoreError,
};

pub use review::{AuditError, AuditService};
pub use sealer::{AuditSealer, ChainFault, Verification};

/// One line of the trail. `detail` never holds personal data in clear.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    /// `None` for the system itself (jobs, the command line).
    pub account_id: Option<AccountId>,
    pub role: Option<Role>,
    /// `wish.published`: context and past participle.
    pub action: &'static str,
    /// TypeID of what was acted on.
    pub subject: String,
    /// Where, so that a county's auditor sees its own.
    pub district: Option<DistrictCode>,
    pub request_id: String,
    pub detail: Value,
}

/// What happened, without who and when.
#[derive(Debug, Clone)]
pub struct Deed {
    pub action: &'static str,
    pub subject: String,
    pub district: Option<DistrictCode>,
    pub detail: Value,
}

impl Deed {
    pub fn new(action: &'static str, subject: impl ToString) -> Self {
        Self {
            action,
            subject: subject.to_string(),
            district: None,
            detail: Value::Null,
        }
    }

    pub fn within(mut self, district: DistrictCode) -> Self {
        self.district = Some(district);
        self
    }

    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// Signed by the caller of a request.
    pub fn by(self, actor: &Actor, now: DateTime<Utc>, random: &dyn Random) -> AuditEntry {
        self.signed(
            Some(actor.account_id),
            Some(actor.acting_role()),
            actor.request_id.clone(),
            now,
            random,
        )
    }

    /// Signed by the system: a background job or the command line.
    pub fn by_system(self, origin: &str, now: DateTime<Utc>, random: &dyn Random) -> AuditEntry {
        self.signed(None, None, origin.to_owned(), now, random)
    }

    fn signed(
        self,
        account_id: Option<AccountId>,
        role: Option<Role>,
        request_id: String,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::generate(now, random),
            at: now,
            account_id,
            role,
            action: self.action,
            subject: self.subject,
            district: self.district,
            request_id,
            detail: self.detail,
        }
    }
}

/// A line of the trail as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditLine {
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    pub account_id: Option<AccountId>,
    pub role: Option<String>,
    pub action: String,
    pub subject: String,
    pub district: Option<String>,
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
            line.district.clone().unwrap_or_default(),
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

#[async_trait]
pub trait AuditLog: Send {
    async fn append(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.append_all(vec![entry]).await
    }
    async fn append_all(&mut self, entries: Vec<AuditEntry>) -> Result<(), StoreError>;
    /// Unsealed lines, oldest first.
    async fn unsealed(&mut self, limit: u64) -> Result<Vec<AuditLine>, StoreError>;
    /// What waits for the sealer.
    async fn backlog(&mut self) -> Result<Backlog, StoreError>;
    async fn head(&mut self) -> Result<ChainHead, StoreError>;
    /// Moves the head from `expected` and numbers the lines; `false` when another sealer was first.
    async fn seal(
        &mut self,
        expected: &ChainHead,
        lines: &[(AuditEntryId, ChainHead)],
    ) -> Result<bool, StoreError>;
    /// Sealed lines after `sequence` with their stored hashes, in order.
    async fn sealed_after(
        &mut self,
        sequence: i64,
        limit: u64,
    ) -> Result<Vec<(AuditLine, [u8; 32])>, StoreError>;
    /// Newest first, inside the reader's area.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<AuditLine>, StoreError>;
}
