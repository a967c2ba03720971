//! The WeChat adapters against a stand-in that follows the documents, and that can be told to
//! misbehave.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Without WeChat.
mod dev;
/// The adapter under test, on a stand-in of its own.
mod fixture;
mod phone;
/// Nothing secret or personal in errors and logs.
mod secrecy;
mod sign_in;
mod text_check;
mod token;
