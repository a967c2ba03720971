//! Stations without a network (invariant V10): their devices, the packs by which a device verifies
//! codes alone, what it uploads later, and the queue of what does not add up. `README.md` beside
//! this file describes it.

pub mod device;
pub mod dispute;
pub mod error;
pub mod pack;
pub mod policy;
pub mod ports;
pub mod verify;

mod first_use;
mod hand_out;
mod judge_uploads;
mod register;
mod resolve;
mod revoke;
mod tell;
mod upload;

use std::sync::Arc;

pub use error::OfflineError;
pub use hand_out::SignedPage;
pub use policy::OfflinePolicy;
pub use ports::PackSigner;
pub use resolve::Resolution;
pub use upload::{ItemAnswer, ItemOutcome, Upload, UploadReport, UploadedScan};

pub(in crate::vouchers) use first_use::enrol_on_first_use;

use crate::{
    kernel::{Clock, Random},
    store::Store,
};

/// Use cases of stations that scan without a network.
#[derive(Clone)]
pub struct OfflineService {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub signer: Arc<dyn PackSigner>,
    pub policy: OfflinePolicy,
}
