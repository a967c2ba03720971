//! A ceiling per address and per account, counted in this process: what keeps one caller from
//! taking everybody's place. Sign-ins, codes and reveals have narrower limits of their own, shared
//! through Redis.

use std::net::IpAddr;

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};
use niangjia_domain::kernel::{id::AccountId, ports::cache::Quota};
use niangjia_infra::cache::MemoryRateLimiter;

use crate::{
    config::LimitsConfig,
    http::{extract::ClientIp, problem::Problem},
};

pub struct Throttle {
    limiter: MemoryRateLimiter,
    per_address: Quota,
    per_account: Quota,
}

impl Throttle {
    pub fn new(limits: &LimitsConfig) -> Self {
        // A minute's worth may come at once: phones do when a batch opens.
        let quota = |per_minute| Quota {
            burst: per_minute,
            per_minute,
        };
        Self {
            limiter: MemoryRateLimiter::default(),
            per_address: quota(limits.per_ip_per_minute),
            per_account: quota(limits.per_account_per_minute),
        }
    }

    fn address(&self, address: IpAddr) -> Result<(), Problem> {
        self.count(&format!("address:{address}"), self.per_address)
    }

    pub fn account(&self, account: AccountId) -> Result<(), Problem> {
        self.count(&format!("account:{account}"), self.per_account)
    }

    fn count(&self, key: &str, quota: Quota) -> Result<(), Problem> {
        self.limiter.count(key, quota).map_err(|wait| {
            Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "操作过于频繁，请稍等片刻再试",
            )
            .retry_after(wait.as_secs() + 1)
        })
    }
}

/// Middleware on the API: counts the address; accounts are counted once they are known.
pub async fn gate(
    throttle: Option<web::Data<Throttle>>,
    address: ClientIp,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(throttle) = throttle {
        throttle.address(address.0)?;
    }
    next.call(request).await
}
