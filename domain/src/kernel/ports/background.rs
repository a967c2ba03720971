//! Work that goes on after its caller has left, as a port: the domain knows no runtime.

use futures_util::future::BoxFuture;

/// Runs work beside the requests, and lets it come to its end before the process does.
pub trait Background: Send + Sync {
    fn spawn(&self, work: BoxFuture<'static, ()>);
}
