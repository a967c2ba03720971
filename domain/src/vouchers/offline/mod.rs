//! Stations without a network (invariant V10): their devices, the packs by which a device verifies
//! codes alone, what it uploads later, and the queue of what does not add up. `README.md` beside
//! this file describes it.

pub mod devices;
pub mod disputes;
pub mod error;
pub mod packs;
pub mod policy;
pub mod ports;
pub mod uploads;

use std::sync::Arc;

pub use disputes::resolve::Resolution;
pub use error::OfflineError;
pub use packs::hand_out::SignedPage;
pub use policy::OfflinePolicy;
pub use ports::PackSigner;
pub use uploads::upload::{ItemAnswer, ItemOutcome, Upload, UploadReport, UploadedScan};

pub(in crate::vouchers) use devices::first_use::enrol_on_first_use;

use crate::kernel::Foundation;
use disputes::ports::StationPayments;

/// Use cases of stations that scan without a network.
#[derive(Clone)]
pub struct OfflineService {
    pub foundation: Foundation,
    pub signer: Arc<dyn PackSigner>,
    pub payments: Arc<dyn StationPayments>,
    pub policy: OfflinePolicy,
}
