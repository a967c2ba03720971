//! Others, as servers and ports of our own that tests can tell to misbehave.

/// The embedded object store behind its own URLs.
pub mod local_objects;
/// Aliyun OSS as a server of our own, signatures and all.
pub mod oss;
/// A checker of texts that says what it is told to.
pub mod text_check;
/// A WeChat that can be told to misbehave.
pub mod wechat;
