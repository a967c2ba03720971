//! Meal vouchers: batches by maker and checker, claims, rotating codes, redemptions. `README.md`
//! beside this file describes the code, the order of refusals and the ledger.

pub mod allotment;
pub mod batches;
pub mod claims;
pub mod codes;
pub mod collusion;
pub mod draw;
pub mod error;
pub mod offline;
pub mod ports;
pub mod recall;
pub mod reconciliation;
pub mod scans;
pub mod wallet;

mod reviewers;

#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

pub use batches::browse::BatchView;
pub use batches::decide::DecisionInput;
use batches::public::PublicBatches;
use claims::group::ClaimWork;
pub use claims::offers::Offer;
use claims::sold_out::SoldOutBatches;
pub use codes::show::{DeliveredSecret, ShownCode};
pub use error::VoucherError;
use scans::group::ScanWork;
pub use scans::scan::{AcceptedScan, PriorUse, RefusedScan, ScanAnswer, ScanOutcome, ScanRequest};
pub use wallet::list::{StationName, VoucherView};

use crate::{
    kernel::{Background, Clock, GroupCommit, GroupLimits, Random, ports::cache::RateLimiter},
    store::Store,
};

/// Use cases on meal vouchers.
#[derive(Clone)]
pub struct VoucherService {
    pub store: Arc<dyn Store>,
    pub limiter: Arc<dyn RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    shelf: Arc<PublicBatches>,
    gate: Arc<SoldOutBatches>,
    claims: Arc<GroupCommit<ClaimWork>>,
    scans: Arc<GroupCommit<ScanWork>>,
}

impl VoucherService {
    pub fn new(
        store: Arc<dyn Store>,
        limiter: Arc<dyn RateLimiter>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        background: Arc<dyn Background>,
        limits: GroupLimits,
    ) -> Self {
        let (shelf, gate) = (
            Arc::<PublicBatches>::default(),
            Arc::<SoldOutBatches>::default(),
        );
        let claims = ClaimWork {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
            shelf: shelf.clone(),
            gate: gate.clone(),
        };
        let scans = ScanWork {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        };
        let claims = Arc::new(GroupCommit::new(claims, limits, background.clone()));
        let scans = Arc::new(GroupCommit::new(scans, limits, background));
        Self {
            store,
            limiter,
            clock,
            random,
            shelf,
            gate,
            claims,
            scans,
        }
    }
}
