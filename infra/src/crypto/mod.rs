//! Keys, tokens, passwords, fields at rest.

mod derive;
pub mod field_cipher;
pub mod pack_signer;
pub mod password;
pub mod refresh_token;
pub mod token;
pub mod token_keys;
pub mod totp;

pub use derive::derive;
pub use field_cipher::FieldCipher;
pub use pack_signer::{Ed25519PackSigner, UnusableSeed};
pub use password::Argon2Hasher;
pub use refresh_token::DerivedRefreshTokens;
pub use token::JwtAccessTokens;
pub use token_keys::{TokenKeys, UnknownTokenKey};
pub use totp::AuthenticatorApp;
