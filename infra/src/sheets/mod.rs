//! Spreadsheets: written row by row, read row by row.

mod read;
mod template;
mod xlsx;

pub use read::TableFiles;
pub use template::Templates;
pub use xlsx::XlsxWriter;
