//! Micro-wishes from draft to thanks, and the donors' claims on them.
//!
//! Nobody's name, phone or address leaves the system (W5): parcels go to a station, the worker
//! holds a pick-up code, and only the station's staff close a wish (W7).

pub mod error;
pub mod pickup;
pub mod ports;
pub mod text_check;
pub mod views;
pub mod wish;
pub mod wish_claim;
pub mod wish_content;
pub mod wish_report;
pub mod wish_status;

mod arrive;
mod cancel;
mod check;
mod claim;
mod decide;
mod dispatch;
mod gallery;
mod hand_over;
mod lapse;
mod list;
mod news;
mod remind;
mod report;
mod service;
mod show;
mod submit;
mod thank;
mod withdraw;

pub use claim::{ClaimForm, ClaimReceipt};
pub use decide::Decision;
pub use dispatch::ClaimStep;
pub use error::WishError;
pub use service::WishService;
pub use show::Shown;
pub use submit::WishReceipt;
pub use thank::ThanksForm;
pub use wish_content::WishForm;
