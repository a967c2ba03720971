//! Consents by purpose and version (invariant M4).

pub mod consent;

pub(crate) mod give;
