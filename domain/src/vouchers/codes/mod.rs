//! The code that a holder shows (invariant V6).

pub mod code;
pub mod day_token;

pub(crate) mod show;

use std::sync::Arc;

use crate::kernel::{Foundation, ports::cache::RateLimiter};

/// Codes for holders.
#[derive(Clone)]
pub struct CodeService {
    pub foundation: Foundation,
    pub limiter: Arc<dyn RateLimiter>,
}
