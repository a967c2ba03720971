//! Meal vouchers: batches by maker and checker, claims, rotating codes, redemptions. `README.md`
//! beside this file describes the code, the order of refusals and the ledger.

pub mod allotment;
pub mod batches;
pub mod claims;
pub mod codes;
pub mod collusion;
pub mod draw;
pub mod error;
pub mod news;
pub mod offline;
pub mod ports;
pub mod recall;
pub mod reconciliation;
pub mod scans;
pub mod wallet;

mod device_name;
mod reviewers;

#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

pub use batches::decide::DecisionInput;
use batches::locked::LockedBatches;
use batches::public::PublicBatches;
pub use batches::{BatchService, browse::BatchView};
use claims::group::ClaimWork;
use claims::sold_out::SoldOutBatches;
pub use claims::{ClaimService, offers::Offer};
pub use codes::{
    CodeService,
    show::{DeliveredSecret, ShownCode},
};
pub use error::VoucherError;
pub use scans::ScanService;
use scans::group::ScanWork;
pub use scans::scan::{AcceptedScan, PriorUse, RefusedScan, ScanAnswer, ScanOutcome, ScanRequest};
pub use wallet::WalletService;
pub use wallet::list::{StationName, VoucherView};

use crate::kernel::{Background, Foundation, GroupCommit, GroupLimits, ports::cache::RateLimiter};

/// What workers, station staff and cadres do with vouchers, a service a folder.
#[derive(Clone)]
pub struct VoucherServices {
    pub batches: BatchService,
    pub claims: ClaimService,
    pub codes: CodeService,
    pub scans: ScanService,
    pub wallet: WalletService,
}

impl VoucherServices {
    /// Claims and scans travel in groups, within `limits`, driven by `background`.
    pub fn new(
        foundation: Foundation,
        limiter: Arc<dyn RateLimiter>,
        background: Arc<dyn Background>,
        limits: GroupLimits,
    ) -> Self {
        let (public, sold_out) = (
            Arc::<PublicBatches>::default(),
            Arc::<SoldOutBatches>::default(),
        );
        let locked = Arc::<LockedBatches>::default();
        let claims = ClaimWork {
            foundation: foundation.clone(),
            public: public.clone(),
            sold_out_batches: sold_out.clone(),
            locked: locked.clone(),
        };
        let scans = ScanWork {
            foundation: foundation.clone(),
            locked,
        };
        Self {
            batches: BatchService {
                foundation: foundation.clone(),
                sold_out: sold_out.clone(),
            },
            claims: ClaimService {
                foundation: foundation.clone(),
                public,
                sold_out,
                group: Arc::new(GroupCommit::new(claims, limits, background.clone())),
            },
            codes: CodeService {
                foundation: foundation.clone(),
                limiter: limiter.clone(),
            },
            scans: ScanService {
                foundation: foundation.clone(),
                limiter,
                group: Arc::new(GroupCommit::new(scans, limits, background)),
            },
            wallet: WalletService { foundation },
        }
    }
}
