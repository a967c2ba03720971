//! A batch from draft to closing: rules, maker and checker, limits, money.

pub mod batch;
pub mod budget;
pub mod rules;

pub(crate) mod browse;
pub(crate) mod close;
pub(crate) mod decide;
pub(crate) mod distribute;
pub(crate) mod draft;
pub(crate) mod limits;
pub(crate) mod locked;
pub(crate) mod public;

use std::sync::Arc;

use super::claims::sold_out::SoldOutBatches;
use crate::kernel::Foundation;

/// Use cases on batches.
#[derive(Clone)]
pub struct BatchService {
    pub foundation: Foundation,
    pub(crate) sold_out: Arc<SoldOutBatches>,
}
