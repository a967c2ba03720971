//! Who is calling: accounts, sessions, passwords, second factors, invitations.

pub mod error;
pub mod ports;
pub mod wechat;

pub use error::IdentityError;
