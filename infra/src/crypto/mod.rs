//! Keys, tokens, passwords, fields at rest.

mod derive;
pub mod field_cipher;

pub use derive::derive;
pub use field_cipher::FieldCipher;
