//! Micro-wishes from draft to thanks, and the donors' claims on them.
//!
//! Nobody's name, phone or address leaves the system (W5): parcels go to a station, the worker
//! holds a pick-up code, and only the station's staff close a wish (W7).

pub mod claims;
pub mod error;
pub mod handover;
pub mod moderation;
pub mod news;
pub mod ports;
pub mod wall;
pub mod wish;

mod service;

pub use claims::claim::{ClaimForm, ClaimReceipt};
pub use claims::dispatch::ClaimStep;
pub use error::WishError;
pub use handover::thank::ThanksForm;
pub use moderation::decide::WishDecision;
pub use service::WishService;
pub use wall::show::Shown;
pub use wish::content::WishForm;
pub use wish::submit::WishReceipt;
