//! Spreadsheets.

mod xlsx;

pub use xlsx::XlsxWriter;
