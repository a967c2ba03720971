//! A checker of texts that says what it is told to.

use std::sync::Mutex;

use async_trait::async_trait;
use niangjia_domain::wishes::moderation::text_check::{
    TextCheck, TextCheckError, TextToCheck, TextVerdict, Verdict,
};

/// Passes everything until a test says otherwise.
#[derive(Debug)]
pub struct TextCheckStandIn(Mutex<Option<Verdict>>);

impl TextCheckStandIn {
    /// From now on; `None`: it is away.
    pub fn says(&self, verdict: Option<Verdict>) {
        *self.0.lock().unwrap() = verdict;
    }
}

impl Default for TextCheckStandIn {
    fn default() -> Self {
        Self(Mutex::new(Some(Verdict::Pass)))
    }
}

#[async_trait]
impl TextCheck for TextCheckStandIn {
    async fn check(&self, _: &TextToCheck) -> Result<TextVerdict, TextCheckError> {
        let verdict = *self.0.lock().unwrap();
        let verdict = verdict.ok_or_else(|| TextCheckError::Unavailable("away".to_owned()))?;
        Ok(TextVerdict {
            verdict,
            label: "test".to_owned(),
            trace_id: None,
        })
    }
}
