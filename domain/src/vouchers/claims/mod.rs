//! Claiming: many claims in one transaction, decided by the database (invariants V1, V2).

pub(crate) mod claim;
pub(crate) mod group;
pub(crate) mod notice;
pub(crate) mod offers;
pub(crate) mod outcome;
pub(crate) mod sold_out;
pub(crate) mod steps;

use std::sync::Arc;

use self::{group::ClaimWork, sold_out::SoldOutBatches};
use super::batches::public::PublicBatches;
use crate::kernel::{Foundation, GroupCommit};

/// Claiming, and what can be claimed.
#[derive(Clone)]
pub struct ClaimService {
    pub foundation: Foundation,
    pub(crate) public: Arc<PublicBatches>,
    pub(crate) sold_out: Arc<SoldOutBatches>,
    pub(crate) group: Arc<GroupCommit<ClaimWork>>,
}
