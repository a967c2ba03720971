//! What machines and cadres say about a wish before others read it, and reports about it.

pub mod review;
pub mod text_check;
pub mod wish_report;

pub(crate) mod check;
pub(crate) mod decide;
pub(crate) mod report;
