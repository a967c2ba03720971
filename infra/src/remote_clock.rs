//! The time as another server tells it, to find out whether ours is right.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// No time from there. Says why without the URL.
#[derive(Debug, thiserror::Error)]
pub enum RemoteClockError {
    #[error("no answer: {0}")]
    Unreachable(#[source] reqwest::Error),
    #[error("the answer has no usable Date header")]
    NoDate,
}

/// The `Date` header of whatever `url` answers; exact to a second.
pub async fn remote_time(url: &str) -> Result<DateTime<Utc>, RemoteClockError> {
    let unreachable = |error: reqwest::Error| RemoteClockError::Unreachable(error.without_url());
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(3))
        .build()
        .map_err(unreachable)?;
    let answer = client.head(url).send().await.map_err(unreachable)?;
    let date = answer
        .headers()
        .get("date")
        .and_then(|value| value.to_str().ok())
        .ok_or(RemoteClockError::NoDate)?;
    let date = DateTime::parse_from_rfc2822(date).map_err(|_| RemoteClockError::NoDate)?;
    Ok(date.with_timezone(&Utc))
}
