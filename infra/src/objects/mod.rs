//! Object stores for photos: Aliyun OSS (signature V4, or V1 through Aliyun's SDK) and local files.
//! Both take the same PostObject form from phones, and both are private: reading needs a
//! short-lived signed URL.

mod incoming;
mod local;
mod local_files;
mod mac;
mod oss;
mod photo;
mod post_form;
mod post_policy;
mod probe;

pub use incoming::Incoming;
pub use local::{LocalObjects, LocalSettings};
pub use oss::{OssSettings, OssSignature, OssStore};
pub use photo::Darkroom;
pub use post_policy::{Admission, FormFault};
