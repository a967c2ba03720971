//! A scan from code to redemption, or to one stable refusal (invariants V7, V8).

pub mod judge;
pub mod redemption;
pub mod refusal;

pub(crate) mod accept;
pub(crate) mod annul;
pub(crate) mod facts;
pub(crate) mod group;
pub(crate) mod recognise;
pub(crate) mod redeem;
pub(crate) mod scan;
pub(crate) mod steps;

use std::sync::Arc;

use self::group::ScanWork;
use crate::kernel::{Foundation, GroupCommit, ports::cache::RateLimiter};

/// Scanning, and undoing a mistaken scan.
#[derive(Clone)]
pub struct ScanService {
    pub foundation: Foundation,
    pub limiter: Arc<dyn RateLimiter>,
    pub(crate) group: Arc<GroupCommit<ScanWork>>,
}
