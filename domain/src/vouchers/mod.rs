//! Meal vouchers: batches by maker and checker, claims, rotating codes, redemptions. `README.md`
//! beside this file describes the code, the order of refusals and the ledger.

pub mod batch;
pub mod code;
pub mod collusion;
pub mod conservation;
pub mod counter;
pub mod draw;
pub mod eligibility;
pub mod error;
pub mod grant;
pub mod judge;
pub mod meal;
pub mod offline;
pub mod ports;
pub mod recall;
pub mod reconciliation;
pub mod redemption;
pub mod refusal;
pub mod rules;
pub mod voucher;

mod adjust;
mod admit;
mod annul;
mod browse;
mod change_budget;
mod change_quota;
mod claim;
mod claim_fate;
mod claim_group;
mod claim_steps;
mod close;
mod contradictions;
mod decide;
mod draft;
mod gate;
mod hold;
mod open_release;
mod recognise;
mod redeem;
mod release;
mod review;
mod reviewers;
mod scan;
mod scan_group;
mod shelf;
mod show_code;
mod weigh;
mod welcome;

#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

pub use browse::Offer;
use claim_group::ClaimWork;
pub use decide::DecisionInput;
pub use error::VoucherError;
use gate::Gate;
pub use hold::{StationName, VoucherView};
pub use review::BatchView;
pub use scan::{AcceptedScan, PriorUse, RefusedScan, ScanAnswer, ScanOutcome, ScanRequest};
use scan_group::ScanWork;
use shelf::Shelf;
pub use show_code::{DeliveredSecret, ShownCode};

use crate::{
    kernel::{Background, Clock, GroupCommit, GroupLimits, Random, cache::RateLimiter},
    store::Store,
};

/// Use cases on meal vouchers.
#[derive(Clone)]
pub struct VoucherService {
    pub store: Arc<dyn Store>,
    pub limiter: Arc<dyn RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    shelf: Arc<Shelf>,
    gate: Arc<Gate>,
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
        let (shelf, gate) = (Arc::<Shelf>::default(), Arc::<Gate>::default());
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
