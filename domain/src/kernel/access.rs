//! Why a caller may not do something. What must stay secret is `NotFound`, like the absent.

#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum AccessError {
    /// The session has ended, though its token still runs.
    #[error("signed out")]
    SignedOut,
    /// The caller's role never allows this.
    #[error("role does not allow this")]
    Forbidden,
    /// Absent, or not the caller's: the same answer.
    #[error("not found")]
    NotFound,
}
