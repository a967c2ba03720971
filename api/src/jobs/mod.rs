//! Background work: which jobs there are ([`registry`]), and how each is run — by one process at a
//! time, again and again whatever happens to a unit of it, and not a moment longer than two seconds
//! after the process was asked to end (invariant J1).

pub mod backlogs;
mod job;
pub mod leases;
pub mod registry;
mod runner;
pub mod table;
mod unit;
mod waiting;

pub use job::{Job, Outcome};
pub use leases::Leases;
pub use runner::{Jobs, REST};
pub use unit::{Ran, Trouble, run as run_unit};
