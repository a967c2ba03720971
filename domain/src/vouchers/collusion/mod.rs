//! Collusion (invariant V15): what looks as if staff and holders played together is held before it
//! is paid, and a reviewer who had no part in it decides. A signal is a reason to look, never a
//! verdict.
//!
//! Each signal is one pure rule (`pair.rs`, `price.rs`, `burst.rs`, `travel.rs`) over figures that
//! one statement gathers. `README.md` beside this file says what the thresholds spare.

pub mod burst;
pub mod pair;
pub mod policy;
pub mod ports;
pub mod price;
pub mod signal;
pub mod suspension;
pub mod travel;

mod findings;
mod review;
pub(in crate::vouchers) mod tell;
mod watch;

pub use policy::CollusionPolicy;
pub use ports::SuspensionQuery;
pub use review::SuspensionDecisionInput;
pub use signal::{Finding, Signal, Window};
pub use suspension::{Suspension, SuspensionDecision, SuspensionStatus, SuspensionView};
pub use tell::SUSPENDED_REDEMPTION;

use crate::kernel::Foundation;

/// Use cases of noticing, holding and deciding.
#[derive(Clone)]
pub struct CollusionService {
    pub foundation: Foundation,
    pub policy: CollusionPolicy,
}
