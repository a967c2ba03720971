//! A stand-in for Aliyun OSS that does what a real one does to us: verifies header signatures,
//! pre-signed URLs and PostObject forms of both versions, keeps objects, answers in OSS's XML, and
//! misbehaves on demand.
//!
//! Its verifier shares no code with the adapters. It is held to the official Python SDK twice: by
//! recorded signatures (`tests/vectors`) and by driving it with that SDK (`make oss-sdk-check`).

mod answers;
mod faults;
mod form;
mod handlers;
mod listing;
mod policy;
mod post_object;
mod request;
mod server;
mod v1;
mod v4;
mod verify;

pub use answers::OssFault;
pub use faults::Mishap;
pub use form::verify_form;
pub use request::{WireRequest, decode_query};
pub use server::{OssStandIn, StoredObject};
pub use verify::{Account, verify};
