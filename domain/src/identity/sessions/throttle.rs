//! Sign-ins are rationed per network address and per user name; a lock-out (see `credential`) comes
//! on top.

use std::time::Duration;

use crate::{
    identity::{IdentityError, IdentityService},
    kernel::ports::cache::Quota,
};

/// How often one may try. Many phones share one address behind a carrier's NAT.
#[derive(Debug, Clone, Copy)]
pub struct SignInLimits {
    pub per_address: Quota,
    /// Per user name, and per account for invitation codes.
    pub per_account: Quota,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            per_address: Quota {
                burst: 300,
                per_minute: 600,
            },
            per_account: Quota {
                burst: 60,
                per_minute: 60,
            },
        }
    }
}

impl IdentityService {
    /// `subject` is personal; limiters conceal whatever follows the colon before it leaves the
    /// process.
    pub(crate) async fn throttle(
        &self,
        what: &str,
        subject: &str,
        quota: Quota,
    ) -> Result<(), IdentityError> {
        let key = format!("{what}:{subject}");
        let wait = |retry_after: Duration| IdentityError::TooOften { retry_after };
        self.limiter.check(&key, quota).await.map_err(wait)
    }
}
