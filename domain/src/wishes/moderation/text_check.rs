//! The machine's opinion on text before a cadre's. Without a verdict nothing is published (fail
//! closed).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Text of one wish or thanks, to be judged together.
#[derive(Debug, Clone)]
pub struct TextToCheck {
    /// The author's openid; WeChat wants a recently active one. `None` for accounts without WeChat.
    pub openid: Option<String>,
    pub title: String,
    /// At most 2,500 characters.
    pub content: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    /// A human must look.
    Review,
    /// Refuse, and say so to the author.
    Risky,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextVerdict {
    pub verdict: Verdict,
    /// WeChat's label number or the word list's name; for the cadre.
    pub label: String,
    pub trace_id: Option<String>,
}

/// No verdict this time.
#[derive(Debug, thiserror::Error)]
pub enum TextCheckError {
    /// Try later: busy, slow, rate-limited.
    #[error("text check unavailable: {0}")]
    Unavailable(String),
    /// The machine will never judge this one (inactive openid, bad argument): a human must.
    #[error("text cannot be machine-checked: {0}")]
    NeedsHuman(String),
}

#[async_trait]
pub trait TextCheck: Send + Sync {
    async fn check(&self, text: &TextToCheck) -> Result<TextVerdict, TextCheckError>;
}
