//! The HTTP door: the server, its routes and document, what every request passes through, and how errors are said.

pub mod extract;
pub mod observe;
pub mod openapi;
pub mod problem;
pub mod readiness;
pub mod reply;
pub mod routes;
pub mod server;
pub mod throttle;
