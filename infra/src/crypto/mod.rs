//! Keys, tokens, passwords, fields at rest.

pub mod field_cipher;

pub use field_cipher::FieldCipher;
