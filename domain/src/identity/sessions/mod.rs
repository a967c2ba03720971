//! Signing in and out: WeChat, passwords with a second factor, tokens.

pub mod credential;
pub mod ports;
pub mod session;
pub mod token;

pub(crate) mod authenticate;
pub(crate) mod enrol;
pub(crate) mod refresh;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod throttle;
pub(crate) mod tidy;
