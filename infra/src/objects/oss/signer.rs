//! What the two signature versions have in common.

use std::time::Duration;

use http::{HeaderMap, Method};
use niangjia_domain::uploads::{
    ObjectKey,
    objects::{ObjectError, UploadForm, UploadPolicy},
};

/// A request ready to be sent by anybody's HTTP client.
pub(super) struct SignedRequest {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
}

/// Signs, and never speaks to the network.
pub(super) trait OssSigner: Send + Sync {
    fn sign(
        &self,
        method: Method,
        key: &ObjectKey,
        content_type: Option<&str>,
    ) -> Result<SignedRequest, ObjectError>;
    /// A URL that reads one object for `life` from now.
    fn presign(&self, key: &ObjectKey, life: Duration) -> Result<String, ObjectError>;
    fn form(&self, policy: &UploadPolicy) -> UploadForm;
}

/// A request that cannot be signed: a setting with characters that no header can carry.
pub(super) fn unsignable<E>(_: E) -> ObjectError {
    ObjectError::Misconfigured("OSS requests cannot be signed with these settings".to_owned())
}
