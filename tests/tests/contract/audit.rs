//! Contract of the audit repositories.
