//! Sending signed requests: a deadline on every try, bounded answers, and another try only where
//! that can help.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use niangjia_domain::uploads::objects::ObjectError;
use reqwest::Response;

use super::{
    fault::{fault, network_fault},
    signer::SignedRequest,
};

/// Tries after the first.
const RETRIES: usize = 2;
/// Most that is read of an error answer.
const MAX_ERROR_BYTES: u64 = 16 * 1024;

pub(super) struct Transport {
    http: reqwest::Client,
    attempt_timeout: Duration,
}

impl Transport {
    pub(super) fn new(http: reqwest::Client, attempt_timeout: Duration) -> Self {
        Self {
            http,
            attempt_timeout,
        }
    }

    /// Runs one exchange, transfer included, again when the store or the network failed. All calls
    /// here may be repeated.
    pub(super) async fn exchange<T, F, Fut>(&self, attempt: F) -> Result<T, ObjectError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, ObjectError>>,
    {
        let bounded = || async {
            let late = |_| ObjectError::Unavailable("timed out".to_owned());
            tokio::time::timeout(self.attempt_timeout, attempt())
                .await
                .map_err(late)?
        };
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_times(RETRIES)
            .with_jitter();
        bounded
            .retry(pauses)
            .when(|error| matches!(error, ObjectError::Unavailable(_)))
            .await
    }

    /// One request; anything but success is a fault.
    pub(super) async fn send(
        &self,
        signed: &SignedRequest,
        body: Bytes,
    ) -> Result<Response, ObjectError> {
        let request = self
            .http
            .request(signed.method.clone(), &signed.url)
            .headers(signed.headers.clone())
            .body(body);
        let response = request.send().await.map_err(network_fault)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = read(response, MAX_ERROR_BYTES).await.unwrap_or_default();
        Err(fault(status, &String::from_utf8_lossy(&text)))
    }
}

/// The whole body, unless it is longer than the caller is ready to hold.
pub(super) async fn read(mut response: Response, max_bytes: u64) -> Result<Vec<u8>, ObjectError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(network_fault)? {
        if (bytes.len() + chunk.len()) as u64 > max_bytes {
            return Err(ObjectError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
