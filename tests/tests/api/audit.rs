//! The audit API.
