//! Requests to WeChat. Failures arrive as HTTP 200 with `errcode`, successes may omit it, bodies
//! may call themselves text: so the HTTP status and content type decide nothing, the body
//! everything.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::{Method, header::CONTENT_TYPE, redirect};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::errcode::{Fault, Meaning};

/// Ours are a few hundred bytes.
const LARGEST_ANSWER: usize = 64 * 1024;
const ERRMSG_SHOWN: usize = 200;

/// One question, a GET without a body and a POST with one. `hidden` is what must never be logged,
/// should WeChat echo it.
pub(super) struct Question<'a> {
    endpoint: &'static str,
    query: Vec<(&'static str, &'a str)>,
    /// Raw UTF-8 JSON: WeChat's content checks misjudge `\u` escapes.
    body: Option<Vec<u8>>,
    hidden: Vec<&'a str>,
}

impl<'a> Question<'a> {
    pub(super) fn new(endpoint: &'static str) -> Self {
        Self {
            endpoint,
            query: Vec::new(),
            body: None,
            hidden: Vec::new(),
        }
    }

    pub(super) fn query(mut self, name: &'static str, value: &'a str) -> Self {
        self.query.push((name, value));
        self
    }

    pub(super) fn hidden_query(self, name: &'static str, value: &'a str) -> Self {
        self.query(name, value).hide(value)
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, Fault> {
        let bytes = serde_json::to_vec(body)
            .map_err(|_| Fault::no_answer(self.endpoint, "body cannot be written"))?;
        self.body = Some(bytes);
        Ok(self)
    }

    /// The same question, asked with this access token.
    pub(super) fn with_token<'b>(&self, token: &'b str) -> Question<'b>
    where
        'a: 'b,
    {
        let question = Question {
            endpoint: self.endpoint,
            query: self.query.clone(),
            body: self.body.clone(),
            hidden: self.hidden.clone(),
        };
        question.hidden_query("access_token", token)
    }

    pub(super) fn hide(mut self, value: &'a str) -> Self {
        self.hidden.push(value);
        self
    }
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    errcode: i64,
    errmsg: Option<String>,
}

pub(super) struct Client {
    http: reqwest::Client,
    base_url: String,
}

impl Client {
    pub(super) fn new(base_url: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            // A redirect would carry the secret elsewhere.
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(1))
            .build()?;
        Ok(Self {
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
        })
    }

    /// Asks; while WeChat says it is busy, again at most twice. The deadline is the caller's
    /// business.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        question: &Question<'_>,
    ) -> Result<T, Fault> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_times(2)
            .with_jitter();
        let answer = (|| self.ask_once(question))
            .retry(pauses)
            .when(|fault: &Fault| fault.means(Meaning::Busy))
            .await;
        count(question.endpoint, answer.as_ref().err());
        answer
    }

    async fn ask_once<T: DeserializeOwned>(&self, question: &Question<'_>) -> Result<T, Fault> {
        let endpoint = question.endpoint;
        let bytes = self.send(question).await.map_err(|error| {
            // The error's URL holds the secret or the token.
            let error = error.without_url();
            tracing::warn!(endpoint, error = chain(&error), "wechat gave no answer");
            Fault::no_answer(
                endpoint,
                if error.is_timeout() {
                    "too slow"
                } else {
                    "cannot be reached"
                },
            )
        })?;
        let nonsense = || Fault::no_answer(endpoint, "answered nonsense");
        let status: Status = serde_json::from_slice(&bytes).map_err(|_| nonsense())?;
        if status.errcode != 0 {
            return Err(refusal(question, &status));
        }
        serde_json::from_slice(&bytes).map_err(|_| nonsense())
    }

    async fn send(&self, question: &Question<'_>) -> Result<Vec<u8>, reqwest::Error> {
        let method = if question.body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let mut request = self
            .http
            .request(method, format!("{}{}", self.base_url, question.endpoint))
            .query(&question.query);
        if let Some(body) = &question.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        let mut response = request.send().await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST_ANSWER {
                bytes.clear();
                break;
            }
        }
        Ok(bytes)
    }
}

fn refusal(question: &Question<'_>, status: &Status) -> Fault {
    let fault = Fault::Refused {
        endpoint: question.endpoint,
        errcode: status.errcode,
        meaning: Meaning::of(status.errcode),
    };
    // The message ends in the request id (`rid`) that Tencent's support asks for.
    let errmsg = censored(
        status.errmsg.as_deref().unwrap_or_default(),
        &question.hidden,
    );
    if fault.means(Meaning::Misconfigured) || fault.means(Meaning::BadArgument) {
        tracing::error!(%fault, errmsg, "wechat refuses what only the operator or we can mend");
    } else {
        tracing::warn!(%fault, errmsg, "wechat refuses");
    }
    fault
}

fn censored(errmsg: &str, hidden: &[&str]) -> String {
    let struck = hidden
        .iter()
        // Shorter than this is no secret, and striking out every "a" would spoil the rid.
        .filter(|value| value.len() >= 4)
        .fold(errmsg.to_owned(), |text, value| text.replace(value, "***"));
    struck.chars().take(ERRMSG_SHOWN).collect()
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn count(endpoint: &'static str, fault: Option<&Fault>) {
    let outcome = match fault {
        None => "ok",
        Some(Fault::Refused { .. }) => "refused",
        Some(Fault::NoAnswer { .. }) => "no_answer",
    };
    metrics::counter!("niangjia_wechat_calls_total", "endpoint" => endpoint, "outcome" => outcome)
        .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_secret_is_struck_out_and_the_rid_stays() {
        let shown = censored(
            "invalid code 0a1b2c, hint: [x] rid: 5f3c-1a2b",
            &["0a1b2c", "", "a"],
        );
        assert_eq!(shown, "invalid code ***, hint: [x] rid: 5f3c-1a2b");
        assert_eq!(
            censored(&"错".repeat(500), &[]).chars().count(),
            ERRMSG_SHOWN
        );
    }
}
