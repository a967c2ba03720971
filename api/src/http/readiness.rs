//! Whether this process should get traffic: not while migrating, not while draining.

use std::sync::atomic::{AtomicU8, Ordering};

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};

use crate::http::problem::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Migrations are running or waited for.
    Starting = 0,
    Ready = 1,
    /// SIGTERM came: requests in flight finish, new ones go elsewhere.
    Draining = 2,
}

/// The phase of this process, shared by all workers.
#[derive(Debug, Default)]
pub struct Readiness(AtomicU8);

impl Readiness {
    pub fn enter(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }

    pub fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Draining,
        }
    }
}

/// Middleware on the API: while starting, everybody is asked to come back.
pub async fn gate(
    readiness: web::Data<Readiness>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if readiness.phase() == Phase::Starting {
        return Err(starting().into());
    }
    next.call(request).await
}

pub fn starting() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "starting",
        "系统正在启动，请稍后重试",
    )
    .retry_after(2)
}
