//! The audit trail (invariant A1): every state change and every unmasked view of personal data
//! leaves a row, in the same transaction. No row without an area (A2): a deed cannot be signed
//! before it says where it was done. A sealer hash-chains rows seconds later, so the chain is never
//! a hot row.

pub mod area;
pub mod deed;
pub mod line;
pub mod ports;
pub mod review;
pub mod sealer;

pub use area::Area;
pub use deed::{AuditEntry, Deed, Nowhere};
pub use line::{AuditLine, ChainHead};
pub use ports::AuditLog;
pub use review::{AuditError, AuditQuery, AuditService};
pub use sealer::{AuditSealer, ChainFault, Verification};
