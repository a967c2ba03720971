//! Money that is promised before it is spent. A budget has a total; postings move parts of it from
//! free to reserved, from reserved to spent, and back, each once. The engine knows no voucher, no
//! wish and no settlement: a context says which budget, and about what.
//!
//! A budget's counters are one narrow row which every posting passes: its conditional update
//! decides (V1), the rows of the postings say why, and both must agree (V12).

pub mod budget;
pub mod conservation;
pub mod fund;
pub mod ports;
pub mod postings;

pub use budget::{Budget, Refused};
pub use ports::{LedgerRepository, Posted};
pub use postings::{Entry, Moves, Posting};
