//! Composition: which adapter stands behind which port, which service gets what, which jobs run.

mod adapters;
mod assemble;
mod background;
mod caches;
mod channels;
mod database;
mod engines;
mod photos;
mod services;
mod vouchers;
mod wechat;

pub use adapters::Adapters;
pub use assemble::assemble;
pub(crate) use background::announce;
pub use channels::{channels, templates};
pub use database::open_store;
pub use services::Services;
