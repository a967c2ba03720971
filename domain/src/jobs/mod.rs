//! Background work under one leader per job (invariant J1).
//!
//! A job is led by at most one process at a time: the one whose lease in the database has not
//! ended. A process that leads renews its leases while it lives, gives them back when it ends, and
//! is succeeded when it has been silent for [`LEASE`]. The lease saves work, it does not decide
//! races: every unit of a job must still be right when two processes do it at once, as they may
//! for a moment when one was held up longer than its lease.
//!
//! ```text
//!            take                renew
//!   vacant ────────▶ led until t ──────▶ led until t'
//!     ▲                │    │
//!     └── step down ───┘    └── t passes ──▶ vacant
//! ```
//!
//! Which jobs there are, and how they run, is the program's business (`api/src/jobs/`).

mod leadership;
mod lease;
pub mod ports;

pub use leadership::{Leadership, Led};
pub use lease::{JobFailure, JobLease, JobReport, LEASE, RENEW_WHEN_LEFT};
