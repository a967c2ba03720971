//! Who leads which background job.

pub(crate) mod entity;
pub(crate) mod leases;
