//! Aliyun OSS: one store, two ways to sign. Signature V4 is the default; V1 is for accounts that
//! still have it.

mod address;
mod fault;
mod signer;
mod store;
mod transport;
mod v1;
mod v4;
#[cfg(test)]
mod vector_tests;

use std::time::Duration;

use secrecy::SecretString;
pub use store::OssStore;

/// Which signature the account uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OssSignature {
    V4,
    V1,
}

#[derive(Debug, Clone)]
pub struct OssSettings {
    pub signature: OssSignature,
    pub bucket: String,
    /// `cn-hangzhou`, without `oss-`.
    pub region: String,
    /// With its scheme; `https://oss-{region}.aliyuncs.com` when absent. An IP address is spoken to
    /// path-style, as the official SDKs do.
    pub endpoint: Option<String>,
    pub access_key_id: String,
    pub access_key_secret: SecretString,
    /// The longest that one try may take, transfer included.
    pub attempt_timeout: Duration,
}
