//! An answer of the API, and what a caller expected of it.

use reqwest::header;
use serde_json::Value;

/// An answer, read to the end.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: header::HeaderMap,
    pub body: Value,
    /// `POST /wishes`, for messages.
    pub call: String,
}

/// The answer was not the expected one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Surprise(pub String);

impl Reply {
    /// Reads an answer to the end.
    pub(super) async fn read(
        call: String,
        answer: Result<reqwest::Response, reqwest::Error>,
    ) -> Self {
        let answer = answer.unwrap_or_else(|error| panic!("{call}: no answer: {error}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.unwrap_or_default();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Self {
            status,
            headers,
            body,
            call,
        }
    }

    /// The body, when the status is the expected one.
    pub fn expect_status(self, status: u16) -> Result<Self, Surprise> {
        if self.status == status {
            Ok(self)
        } else {
            Err(Surprise(format!(
                "{}: expected {status}, got {} {}",
                self.call, self.status, self.body
            )))
        }
    }

    /// The body, when the answer is this refusal.
    pub fn expect_problem(self, status: u16, code: &str) -> Result<Self, Surprise> {
        let reply = self.expect_status(status)?;
        if reply.body["code"] == code {
            Ok(reply)
        } else {
            Err(Surprise(format!(
                "{}: expected {code}, got {}",
                reply.call, reply.body
            )))
        }
    }

    /// A text member of the body.
    pub fn text(&self, member: &str) -> Result<&str, Surprise> {
        self.body[member]
            .as_str()
            .ok_or_else(|| Surprise(format!("{}: no {member} in {}", self.call, self.body)))
    }

    pub fn id(&self) -> Result<&str, Surprise> {
        self.text("id")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The problem's code; empty when there is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}
