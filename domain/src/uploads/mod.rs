//! Photos on their way from a phone to the private object store.
//!
//! A phone asks for a form, posts the file straight to the object store, and reports completion;
//! the server then reads the object, makes it safe to show, and keeps only that. Invariants:
//! whatever a phone sent is never served, and is deleted once it is settled (W10); a settled upload
//! never changes; nothing but its owner, or a context that attached it, gets URLs, and those are
//! short-lived. Refuses what is not a picture, whatever its name says.

pub mod complete;
pub mod create;
pub mod declaration;
pub mod error;
pub mod object_key;
pub mod objects;
pub mod ports;
pub mod read;
pub mod refusal;
pub mod service;
pub mod sweep;
pub mod upload;

pub use create::{CreateUpload, UploadTicket};
pub use declaration::{PhotoType, Purpose};
pub use error::UploadError;
pub use object_key::ObjectKey;
pub use read::{PhotoUrls, UploadView};
pub use refusal::Refusal;
pub use service::UploadService;
pub use upload::{Upload, UploadState};
