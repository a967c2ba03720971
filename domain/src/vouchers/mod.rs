//! Meal vouchers: batches by maker and checker, claims, rotating codes, redemptions. `README.md` beside this file
//! describes the code, the order of refusals and the ledger.

pub mod batch;
pub mod code;
pub mod conservation;
pub mod eligibility;
pub mod error;
pub mod judge;
pub mod meal;
pub mod ports;
pub mod redemption;
pub mod refusal;
pub mod rules;
pub mod voucher;

mod annul;
mod browse;
mod change_quota;
mod claim;
mod decide;
mod draft;
mod hold;
mod recognise;
mod redeem;
mod release;
mod review;
mod scan;
mod show_code;

#[cfg(test)]
mod testing;

use std::sync::Arc;

pub use browse::Offer;
pub use decide::DecisionInput;
pub use error::VoucherError;
pub use hold::{StationName, VoucherView};
pub use review::BatchView;
pub use scan::{AcceptedScan, PriorUse, RefusedScan, ScanAnswer, ScanOutcome, ScanRequest};
pub use show_code::{DeliveredSecret, ShownCode};

use crate::{
    kernel::{Clock, Random, cache::RateLimiter},
    store::Store,
};

/// Use cases on meal vouchers.
#[derive(Clone)]
pub struct VoucherService {
    pub store: Arc<dyn Store>,
    pub limiter: Arc<dyn RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}
