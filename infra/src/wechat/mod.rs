//! WeChat: the real server API over HTTP, and a stand-in for development.
//!
//! Secrets, codes, openids, phones and checked text appear in no log and no error: both name the
//! endpoint and the error code only, and WeChat's own message only after what we sent has been
//! struck out of it.

/// One token per appid, shared by all processes.
mod access_token;
/// Requests, deadlines, retries, lenient answers.
mod client;
/// Sign-ins and word lists without WeChat.
pub mod dev;
/// What WeChat's error codes mean to a caller.
mod errcode;
mod http;
mod settings;
/// `msg_sec_check` for the wishes context.
mod text_check;

pub use dev::{DevWechat, WordList};
pub use http::HttpWechat;
pub use settings::WechatSettings;
